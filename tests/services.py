"""Real servers for every test: one embedded PostgreSQL and Redis for the whole run.

The database is made by the owner and used by the roles of production, so that a wall that is missing
shows in tests. Settings read the environment, hence the servers start before Django does.
"""

import atexit
import os
import signal
import tempfile
from pathlib import Path

import psycopg

from portal import database
from portal.embedded.folder import DataFolder
from portal.embedded.postgres import Postgres
from portal.embedded.redis import Redis
from portal.embedded.supervisor import Child, Supervisor

_home = tempfile.TemporaryDirectory(prefix="portal-test-")
FOLDER = DataFolder(Path(_home.name))
POSTGRES = Postgres(FOLDER, durable=False)
REDIS = Redis(FOLDER)
_supervisor = Supervisor(FOLDER.path / "logs", Path.cwd())


def boot(*, durable: bool = False) -> None:
    """Start the servers and tell Django where they are. Benchmarks ask for durable commits."""
    POSTGRES.durable = durable
    POSTGRES.prepare()
    REDIS.prepare()
    _supervisor.start(Child("postgres", POSTGRES.command, os.environ, ready=_answers, stop=signal.SIGINT))
    _supervisor.start(Child("redis", REDIS.command, os.environ, ready=REDIS.socket.exists))
    atexit.register(_supervisor.stop_all)
    database.create(POSTGRES.url(database="postgres"), "portal")
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PORTAL_DEVELOPMENT": "1",
            "SECRET_KEY": "tests-only",
            "BASE_URL": "http://testserver",
            "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
            "DATABASE_URL": POSTGRES.url("portal_app"),
            "REDIS_URL": REDIS.url,
            "PORTAL_DATA": str(FOLDER.path),
            "STATIC_ROOT": str(FOLDER.path / "static"),
        }
    )


def _answers() -> bool:
    try:
        psycopg.connect(POSTGRES.url(database="postgres"), connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True
