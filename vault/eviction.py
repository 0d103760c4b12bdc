"""Keys that change anywhere are forgotten here at once: PostgreSQL says so (NOTIFY), a thread listens.

A trigger notifies when a key is made, retired, disabled, enabled or destroyed, and the database delivers
that with the commit. Whoever cannot hear must not rely on what he keeps: without a sign of life from the
channel unwrapped keys last FLOOR_SECONDS instead of CACHE_SECONDS. So whatever breaks, a disabled key opens
nothing after SILENT_SECONDS + FLOOR_SECONDS (docs/adr/0085-keks-and-eviction.md; S4: within 5 s everywhere).
"""

import atexit
import logging
import os
import select
import threading
import time
from collections.abc import Callable

import psycopg
from django.db import connections

from vault import uses

CHANNEL = "vault_keys"
CACHE_SECONDS = 300.0
FLOOR_SECONDS = 2.0
SILENT_SECONDS = 2.0  # without an answer for so long the channel counts as away
BEAT_SECONDS = 0.5
ROUND_SECONDS = 15.0  # between two writings of the counts of use
CONNECT_SECONDS = 3

logger = logging.getLogger(__name__)
Forget = Callable[[str], None]


class Listener:
    """One thread and one connection a process, begun with the first key that is kept."""

    def __init__(self, forget: Forget) -> None:
        self._forget = forget
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._heard = float("-inf")
        self.epoch = 0  # of keys: what was loaded in an earlier one may be kept no more

    def begin(self) -> None:
        """Listen, unless this process does already."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._stop = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._stop,), name="key-eviction", daemon=True
                )
                self._thread.start()

    def end(self) -> None:
        """Stop listening; what is kept lasts the floor from now on."""
        with self._lock:
            self._stop.set()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(CONNECT_SECONDS)
        self._heard = float("-inf")

    def hears(self) -> bool:
        """Whether the channel has given a sign of life a moment ago."""
        return time.monotonic() - self._heard < SILENT_SECONDS

    def good(self, loaded: float) -> bool:
        """Whether keys that were loaded at `loaded` (time.monotonic) may still be used."""
        age = time.monotonic() - loaded
        return age < (CACHE_SECONDS if self.hears() else FLOOR_SECONDS)

    def after_fork(self) -> None:
        """A child has neither the thread nor a right to the connection of its parent."""
        self._lock = threading.Lock()
        self._thread = None
        self._stop = threading.Event()
        self._heard = float("-inf")

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._listen(stop)
            except Exception as error:  # noqa: BLE001 - whatever it is, the floor holds meanwhile
                self._heard = float("-inf")
                logger.warning("the channel of changed keys is away: %s", type(error).__name__)
            stop.wait(1.0)

    def _listen(self, stop: threading.Event) -> None:
        with _connect() as connection:
            connection.add_notify_handler(lambda notice: self._changed(notice.payload))
            connection.execute(f"LISTEN {CHANNEL}")
            self._changed("")  # what was said before nobody heard
            written = time.monotonic()
            while not stop.is_set():
                select.select([connection.fileno()], [], [], BEAT_SECONDS)
                asked = time.monotonic()
                connection.execute("SELECT 1")  # takes in what was notified, and shows that the line is alive
                self._heard = asked
                if asked - written > ROUND_SECONDS:
                    written = asked
                    uses.write(connection)
            uses.write(connection)

    def _changed(self, tenant: str) -> None:
        self.epoch += 1  # before it is forgotten: who loads right now must not keep what he read
        self._forget(tenant)


def _connect() -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of this thread's own, as the app's role, that waits for no transaction."""
    known = connections["default"].get_connection_params()
    wanted = {
        name: value
        for name, value in known.items()
        if name not in {"cursor_factory", "context", "prepare_threshold"} and value not in (None, "")
    }
    return psycopg.connect(
        **{
            **wanted,
            "autocommit": True,
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "portal keys",
            "tcp_user_timeout": int(SILENT_SECONDS * 1000),
        }
    )


def register(listener: Listener) -> None:
    """Let children of a fork begin anew, and the thread end with its process."""
    os.register_at_fork(after_in_child=listener.after_fork)
    atexit.register(listener.end)
