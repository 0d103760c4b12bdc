"""record(): the one way to write an event, always in the transaction of the thing it tells of (A1).

It calls the database function `ledger.append`, which alone may insert; set-based SQL calls the same
function. Index, leaf number and hash are the sequencer's work (ledger/sequencer.py), so that a writer
takes no lock.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import rfc8785
from django.db import connections

from ledger.context import current_source
from ledger.events import Event

BODY_VERSION = 1
MAX_BODY_BYTES = 65535


class Actor(Protocol):
    """Who acts: any account with an id and a tenant."""

    @property
    def pk(self) -> uuid.UUID: ...

    @property
    def tenant_id(self) -> uuid.UUID: ...


class OutsideTransaction(RuntimeError):
    """An event was to be written in no transaction: it could not be bound to what it tells of."""


def record(
    event: Event,
    *,
    by: Actor | None,
    tenant: uuid.UUID | None = None,
    app: uuid.UUID | None = None,
    person: uuid.UUID | None = None,
    dataset: uuid.UUID | None = None,
    obj: str | None = None,
    tags: Iterable[str] = (),
    decision: uuid.UUID | None = None,
    facts: Mapping[str, Any] | None = None,
    using: str = "default",
) -> uuid.UUID:
    """Append one event beside the thing that it tells of and return its id.

    `by` is who acted (None: the portal itself), `person` who was acted upon, `obj` the object as
    "kind:id", `tags` the classifications that were touched, `facts` what else must be known later:
    JSON values, no personal data, no secret. Without `tenant` the actor's own is taken.

    Raises:
        OutsideTransaction: there is no open transaction on `using`.
        ValueError: the body is over 65,535 bytes or holds something that is not I-JSON.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{event.value} must be recorded in the transaction it belongs to")
    source = current_source()
    tenant_id = tenant or (by.tenant_id if by else None)
    text = encode(
        {
            "v": BODY_VERSION,
            "kind": event.value,
            "tenant": tenant_id,
            "actor": by.pk if by else None,
            "person": person,
            "app": app,
            "dataset": dataset,
            "object": obj,
            "decision": decision,
            "tags": sorted(set(tags)),
            "origin": source.origin.value,
            "request": source.request,
            "facts": dict(facts or {}),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.append(%s)", [text])
        return uuid.UUID(str(cursor.fetchone()[0]))


def encode(body: Mapping[str, Any]) -> str:
    """The stored text of an event's body: RFC 8785 canonical JSON without empty members.

    Raises:
        ValueError: too long, not I-JSON (a float like NaN, a non-string key), or a text with a NUL in it.
    """
    kept = {key: _plain(value) for key, value in body.items() if value not in (None, [], {})}
    text = rfc8785.dumps(kept)
    if len(text) > MAX_BODY_BYTES:
        raise ValueError(f"event body of {len(text)} bytes is over {MAX_BODY_BYTES}")
    return text.decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("jsonb takes no NUL: the sequencer would never get past this event")
    return value


__all__ = ["Actor", "OutsideTransaction", "encode", "record"]
