"""Real Celery workers that can be told apart and killed, and the sweeps that run in the database."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.services import POSTGRES


@contextmanager
def worker(name: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """One on the queue `name`; libpq takes PGAPPNAME, so that its backends can be told apart."""
    command = [sys.executable, "-m", *"celery --app portal worker --loglevel info --concurrency 1".split()]
    command += ["--queues", name]  # one cannot take the other's start; they race for the rows
    with log_of(name, folder).open("wb") as log:
        process = subprocess.Popen(
            [*command, "--hostname", f"{name}@test"],
            env={**os.environ, "PGAPPNAME": name},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def log_of(name: str, folder: Path) -> Path:
    """What the worker says, from its latest start."""
    return folder / f"{name}.log"


def ready(name: str, folder: Path) -> bool:
    """Whether it takes tasks by now."""
    return b"ready" in log_of(name, folder).read_bytes()


def sweeping() -> list[tuple[int, str]]:
    """(backend, worker's name) of every sweep that runs at this moment."""
    with psycopg.connect(POSTGRES.url()) as server:
        return server.execute(
            "SELECT pid, application_name FROM pg_stat_activity "
            "WHERE usename = 'portal_sweeper' AND state = 'active' AND query LIKE '%WITH due%'"
        ).fetchall()
