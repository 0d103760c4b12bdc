"""Makes the tables and the client, then serves on loopback until it is told to stop."""

import os
import signal
import sys
import threading
from types import FrameType

from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from oauth2_provider.models import get_application_model

from devidp import settings


class _QuietHandler(WSGIRequestHandler):
    """Logs nothing: request lines of a provider carry codes and state."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - base class
        return


def register_client() -> None:
    """The one client, as this start's arguments describe it."""
    application = get_application_model()
    application.objects.exclude(client_id=settings.CLIENT_ID).delete()
    application.objects.update_or_create(
        client_id=settings.CLIENT_ID,
        defaults={
            "name": "The portal",
            "client_secret": settings.CLIENT_SECRET,
            "hash_client_secret": False,  # it lies in clear in the file beside the database
            "client_type": application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": application.GRANT_AUTHORIZATION_CODE,
            "redirect_uris": " ".join(settings.REDIRECT_URIS),
            "post_logout_redirect_uris": " ".join(settings.POST_LOGOUT_REDIRECT_URIS),
            "skip_authorization": True,
            "algorithm": application.RS256_ALGORITHM,
        },
    )


def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    os.umask(0o077)  # the database holds codes and sessions
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    call_command("clearsessions")
    register_client()
    server = ThreadedWSGIServer((settings.HOST, settings.PORT), _QuietHandler)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    len(get_resolver().url_patterns)  # loaded now, so that "ready" means ready for the first request too

    def stop(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()  # it waits for the loop below

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write(f"development identity provider on {settings.ISSUER}\n")
    sys.stdout.flush()
    server.serve_forever()
    server.server_close()
