"""Which rules are in force in this process, and how it learns of a change at once (P4, P6, docs/adr/0080).

In force is the newest row of RulesInForce, and without any row what the release ships. A process reads it
when it first asks; from then on a thread of its own, on a connection of its own, listens for changes, and
looks by itself when it has connected anew and every few seconds. Whoever decides asks memory alone.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import OperationalError, connections

from policy import bundle_file
from policy.rows import Connection, newest, newest_id
from policy.rulebook import Rulebook, shipped

CHANNEL = "policy_rules"  # NOTIFY on it belongs into the transaction that adds a row
KEPT = 5  # rows of before that are looked at
Hook = Callable[[Rulebook], None]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Known:
    """What was read: the newest row's id (0: there is none) and rules.

    `earlier` says until when, by this machine's monotonic clock, an engine may still answer by a revision of
    before.
    """

    id: int
    rules: Rulebook
    earlier: Mapping[str, float] = field(default_factory=dict)


_known: _Known | None = None
_changed = threading.Condition()
_taking = threading.Lock()
_ending = threading.Event()
_before: list[Hook] = []
_after: list[Hook] = []
_failed: list[Hook] = []
_owed: set[Hook] = set()


def in_force() -> Rulebook:
    """The rules that decide now.

    Raises:
        OperationalError: the database does not answer, and this process never knew.
    """
    known = _known or _first()
    return known.rules


def still_counts(revision: str) -> bool:
    """Whether an engine may still answer by `revision`, which was in force a moment ago."""
    known = _known
    return known is not None and time.monotonic() < known.earlier.get(revision, 0.0)


def refresh() -> None:
    """Look now. What cannot be read, or does not come up, leaves the rules that decide as they are."""
    if _known is None:
        _first()
        return
    try:
        with _connected() as connection:
            _take(connection)
    except psycopg.Error as error:
        logger.warning("the rules in force cannot be read: %s", type(error).__name__)


def wait_for_other(revision: str, seconds: float) -> bool:
    """Wait until another revision than `revision` is in force; whether that happened within `seconds`.

    Holds a thread, and nothing of the database.
    """
    in_force()
    with _changed:
        return _changed.wait_for(lambda: in_force().revision != revision, timeout=seconds)


def on_change(*, before: Hook | None = None, after: Hook | None = None, failed: Hook | None = None) -> None:
    """Have `before` called with rules that are to decide, `after` with them once they do.

    Whatever `before` raises keeps the rules that decide, and `failed` hears of those that do not; the next
    look tries again.
    """
    _before.extend([before] if before else [])
    _after.extend([after] if after else [])
    _failed.extend([failed] if failed else [])


# -- reading ------------------------------------------------------------------------------------------


def _first() -> _Known:
    """Read, and begin to follow; nothing decides before, so that there is nothing to keep."""
    global _known  # noqa: PLW0603 - the one place in which a process keeps it, with _take and _forget
    with _taking:
        if _known is None:
            try:
                with _connected() as connection:
                    _known = _read(connection)
            except psycopg.Error as error:
                raise OperationalError("the rules in force cannot be read") from error
            for hook in _after:
                _tell(hook, _known.rules)
            threading.Thread(target=partial(_follow, os.getpid()), name="rules", daemon=True).start()
        return _known


def _follow(pid: int) -> None:
    while os.getpid() == pid and not _ending.is_set():
        try:
            with _connected() as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                while True:
                    _take(connection)
                    for _notify in connection.notifies(timeout=settings.POLICY_LOOK_SECONDS, stop_after=1):
                        pass
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread goes on
            if not _ending.is_set():
                logger.warning("the rules in force are not followed: %s", type(error).__name__)
        _ending.wait(1)


def _take(connection: Connection) -> None:
    """Have the newest rules decide, if they do not yet."""
    global _known  # noqa: PLW0603
    with _taking:
        if _known is not None and newest_id(connection) == _known.id:
            for hook in list(_owed):
                _tell(hook, _known.rules)
            return
        found = _read(connection)
        if _known is None or found.rules.revision != _known.rules.revision:
            try:
                for hook in _before:
                    hook(found.rules)
            except Exception:
                logger.exception("revision %s does not come up: the one before stays", found.rules.revision)
                for hook in _failed:
                    _tell(hook, found.rules)
                return
        with _changed:
            _known = found
            _changed.notify_all()
        logger.info("revision %s of the rules is in force", found.rules.revision)
        for hook in _after:
            _tell(hook, found.rules)


def _tell(hook: Hook, rules: Rulebook) -> None:
    """Whatever a hook meets, the rules decide; it is told again at the next look."""
    try:
        hook(rules)
    except Exception:
        logger.exception("after a change of the rules")
        _owed.add(hook)
    else:
        _owed.discard(hook)


def _keep_file(_rules: Rulebook) -> None:
    """For an OPA of one's own: what the database says by the time of writing."""
    if settings.OPA_BUNDLE:
        with _connected() as connection:
            bundle_file.keep(Path(settings.OPA_BUNDLE), lambda: newest(connection))


_ROWS = """
SELECT id, revision, extract(epoch FROM clock_timestamp() - at)::float8,
       CASE WHEN row_number() OVER (ORDER BY id DESC) = 1 THEN modules END
FROM policy_rulesinforce ORDER BY id DESC LIMIT %s
"""


def _read(connection: Connection) -> _Known:
    if not newest_id(connection):
        return _Known(0, shipped())
    rows = connection.execute(_ROWS, [KEPT]).fetchall()
    earlier: dict[str, float] = {}
    now = time.monotonic()
    for (_id, _revision, age, _modules), before in pairwise(rows):
        earlier[before[1]] = max(now + settings.POLICY_GRACE_SECONDS - age, earlier.get(before[1], 0.0))
    return _Known(rows[0][0], Rulebook.of(rows[0][3]), earlier)


def _connected() -> Connection:
    """A connection that is nobody else's: a look is no part of anybody's transaction."""
    wanted = connections["default"].get_connection_params()
    taken = {name: value for name, value in wanted.items() if name not in _DJANGOS}
    return psycopg.connect(
        **taken,
        autocommit=True,
        connect_timeout=5,
        application_name="portal-rules",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
        tcp_user_timeout=15_000,
    )


_DJANGOS = {"context", "cursor_factory", "prepare_threshold", "client_encoding"}


def _forget() -> None:
    """In a forked child: the thread is its parent's, and its locks may be held by nobody."""
    global _known, _changed, _taking
    _known, _changed, _taking = None, threading.Condition(), threading.Lock()


on_change(after=_keep_file)
os.register_at_fork(after_in_child=_forget)
atexit.register(_ending.set)
