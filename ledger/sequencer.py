"""Gives every committed event its place in the log and fills the index (docs/adr/0004-event-table.md).

Following a table by `id > last` loses rows under concurrency, since ids are given before commits.
This follows it by *snapshot difference*: an event is new when its transaction was not yet visible in
the snapshot of the last pass. One statement reads, numbers, hashes and indexes, so a pass is done
whole or not at all, and two sequencers take turns on the row of `log_state`.
"""

import logging
import threading

from django.db import DatabaseError, connections, transaction

ALIAS = "sequencer"
PARTITIONS_AHEAD = 12

logger = logging.getLogger(__name__)

# The leaf covers id, time and body; its hash is RFC 6962 section 2.1: SHA-256(0x00 || data).
_FOLLOW = """
WITH state AS (
    SELECT size, snap FROM ledger.log_state WHERE source = 'main'
), fresh AS MATERIALIZED (
    SELECT e.id, e.at, e.body, e.body::jsonb AS b,
           state.size + row_number() OVER (ORDER BY e.id) - 1 AS idx
    FROM ledger.event e, state
    WHERE e.xid >= pg_snapshot_xmax(state.snap)
       OR e.xid = ANY (ARRAY(SELECT pg_snapshot_xip(state.snap)))
), leaves AS (
    INSERT INTO ledger.leaf (idx, event_id, hash)
    SELECT idx, id, sha256('\\x00'::bytea || convert_to(
        id || E'\\n' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || E'\\n' || body,
        'UTF8')) FROM fresh
), indexed AS (
    INSERT INTO ledger.event_index
        (idx, event_id, at, kind, tenant, actor, person, app, dataset, decision, object)
    SELECT idx, id, at, b->>'kind', (b->>'tenant')::uuid, (b->>'actor')::uuid, (b->>'person')::uuid,
           (b->>'app')::uuid, (b->>'dataset')::uuid, (b->>'decision')::uuid, b->>'object'
    FROM fresh RETURNING 1
), tagged AS (
    INSERT INTO ledger.event_tag (idx, tag, tenant)
    SELECT idx, tag, (b->>'tenant')::uuid
    FROM fresh, jsonb_array_elements_text(coalesce(b->'tags', '[]')) AS tag
)
UPDATE ledger.log_state
SET size = log_state.size + (SELECT count(*) FROM indexed), snap = pg_current_snapshot(),
    at = clock_timestamp()
WHERE source = 'main' RETURNING (SELECT count(*) FROM indexed)
"""


def run_once() -> int:
    """Sequence everything committed since the last pass; returns how many events that were."""
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        # the lock must be held before the snapshot of the pass is taken, hence two statements
        cursor.execute("SELECT 1 FROM ledger.log_state WHERE source = 'main' FOR UPDATE")
        cursor.execute(_FOLLOW)
        return int(cursor.fetchone()[0])


def ensure_partitions() -> None:
    """Make next months' partitions of the event table; harmless when they are there."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT ledger.ensure_partitions(%s)", [PARTITIONS_AHEAD])


def run_forever(stop: threading.Event, *, pause_seconds: float = 0.25) -> None:
    """Sequence until `stop` is set; a database that is away is waited for, never given up on."""
    passes = 0
    while not stop.is_set():
        try:
            if passes % 10_000 == 0:
                ensure_partitions()
            fresh = run_once()
            passes += 1
        except DatabaseError:
            logger.exception("the sequencer cannot reach the record; it tries again")
            connections[ALIAS].close()
            fresh = 0
            stop.wait(1)
        if not fresh:
            stop.wait(pause_seconds)
