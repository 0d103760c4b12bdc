"""Gunicorn's workers and Celery's, as production runs them, forget a key that is switched off (S4)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import redis
from django.conf import settings
from django.test import Client

from identity.tenancy import tenant_scope
from portal.celery import app as queue
from tests import live_apps
from tests.cast import Cast
from tests.ports import free_port
from tests.scene import sign_in
from tests.services import REDIS
from tests.vault_keys import seal
from tests.vault_worker import ANSWERS
from vault import services

LIMIT_SECONDS = 5.0
START_SECONDS = 60
IN_A_ROW = 20  # refusals: each of the workers has been asked


@contextmanager
def running(arguments: str, log: Path) -> Iterator[None]:
    """A program of the portal in processes of its own."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments.split()],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until_refused(ask: Callable[[], bool], cast: Cast) -> float:
    """Seconds from the switch to the last answer that was still read."""
    with tenant_scope(cast.tenant.pk):
        services.disable_key(by=cast.sana, tenant=cast.tenant.pk)
    since = last = time.monotonic()
    refused = 0
    while refused < IN_A_ROW:
        assert time.monotonic() - since < START_SECONDS
        if ask():
            refused, last = 0, time.monotonic()
        else:
            refused += 1
    return last - since


def wait(ask: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ask():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_web_workers(committed_cast: Cast, tmp_path: Path) -> None:
    cast, port = committed_cast, free_port()
    app = live_apps.make_app(cast.lena)
    live_apps.add(app, cast.lena)
    client = Client()
    sign_in(client, cast.mia)
    name = settings.SESSION_COOKIE_NAME
    command = f"gunicorn portal.wsgi --preload --workers 2 --threads 2 --bind 127.0.0.1:{port}"
    with running(command, tmp_path / "web.log"), httpx.Client(timeout=30) as browser:
        browser.cookies.set(name, client.cookies[name].value)

        def readable() -> bool:
            try:
                answer = browser.get(f"http://127.0.0.1:{port}/apps/leads/leads/")
            except httpx.TransportError:
                return False
            return answer.status_code == 200 and "Contoso" in answer.text

        wait(readable)
        assert all(readable() for _ in range(IN_A_ROW))  # both keep the keys by now
        time.sleep(1)
        assert until_refused(readable, cast) < LIMIT_SECONDS


def test_queue_workers(keyed: Cast, tmp_path: Path) -> None:
    tenant, server = keyed.tenant.pk, redis.Redis.from_url(REDIS.url, socket_timeout=2 * START_SECONDS)
    box = seal(tenant)

    def readable() -> bool:
        queue.send_task("tests.read", args=[str(tenant), box.hex()], queue="vault-tests")
        said = server.blpop([ANSWERS], timeout=START_SECONDS)
        assert said is not None
        return bool(said[1] == b"read canary")  # type: ignore[index]

    command = "celery --app tests.vault_worker:app worker --concurrency 2 --queues vault-tests"
    with running(command, tmp_path / "worker.log"):
        assert all(readable() for _ in range(IN_A_ROW))
        time.sleep(1)
        assert until_refused(readable, keyed) < LIMIT_SECONDS
