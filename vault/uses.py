"""How often keys are used: counted in memory where it happens, written now and then by the thread that
listens (vault/eviction.py). A process that is killed loses the counts of its last seconds; no key and no
value is among them."""

import datetime as dt
import threading
import uuid
from collections import Counter
from typing import Any

import psycopg

from identity.tenancy import uuid7

OPERATIONS, KMS_CALLS = 0, 1
_lock = threading.Lock()
_counts: Counter[tuple[uuid.UUID, str, int]] = Counter()

_ADD = """
INSERT INTO vault_keyuse (id, tenant_id, purpose, day, operations, kms_calls)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, purpose, day) DO UPDATE SET
    operations = vault_keyuse.operations + excluded.operations,
    kms_calls = vault_keyuse.kms_calls + excluded.kms_calls
"""


def note(tenant: uuid.UUID, purpose: str, operations: int = 0, *, kms_calls: int = 0) -> None:
    """Count what was just done with the tenant's keys of `purpose`."""
    with _lock:
        if operations:
            _counts[tenant, purpose, OPERATIONS] += operations
        if kms_calls:
            _counts[tenant, purpose, KMS_CALLS] += kms_calls


def taken() -> dict[tuple[uuid.UUID, str], tuple[int, int]]:
    """All counts since the last call: (operations, calls of the KMS) by tenant and purpose."""
    with _lock:
        counts = dict(_counts)
        _counts.clear()
    return {
        (tenant, purpose): (
            counts.get((tenant, purpose, OPERATIONS), 0),
            counts.get((tenant, purpose, KMS_CALLS), 0),
        )
        for tenant, purpose, _kind in counts
    }


def write(connection: "psycopg.Connection[Any]") -> None:
    """Add all counts to the rows of today, each in its tenant's own walls."""
    today = dt.datetime.now(dt.UTC).date()
    for (tenant, purpose), (operations, kms_calls) in taken().items():
        try:
            with connection.transaction():
                connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
                connection.execute(_ADD, [uuid7(), tenant, purpose, today, operations, kms_calls])
        except psycopg.errors.ForeignKeyViolation:  # a tenant whose set-up was rolled back
            continue
