"""The portal behind a real socket, in a thread of the test: what browsers and other clients talk to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings


class QuietHandler(WSGIRequestHandler):
    """Serves without a line a request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base
        """Failures show in the test itself."""


@pytest.fixture
def serve(committed: None) -> Iterator[Callable[..., str]]:
    """`serve(**settings)` starts the whole stack, middleware included, and returns its address."""
    with ExitStack() as stack:

        def start(**settings: object) -> str:
            stack.enter_context(override_settings(**settings))
            server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
            server.daemon_threads = True
            server.set_app(_closing(get_wsgi_application()))
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


def _closing(application: Callable[..., object]) -> Callable[..., object]:
    """Threads come and go here; each gives its database connections back when it has answered."""

    def answer(environ: object, start_response: object) -> object:
        try:
            return application(environ, start_response)
        finally:
            connections.close_all()

    return answer
