"""Saying something to people: a row in the same transaction as what it tells of, sent afterwards."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from identity.models import Role, User
from notices.kinds import Kind
from notices.models import Notice, Outbox


def notify(
    *,
    kind: Kind,
    key: str,
    tenant: uuid.UUID,
    person: User | None = None,
    role: Role | None = None,
    group: str = "",
    besides: uuid.UUID | None = None,
    params: Mapping[str, Any] | None = None,
    path: str = "",
) -> None:
    """Tell `person`, or everybody who holds `role` or is in `group` at delivery, but not `besides`.

    `key` names what happened: a second call with the same key says nothing. `path` is the page that the
    message leads to; it must hold no personal data. Exactly one of person, role and group is given.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a notice belongs to the transaction of what it tells of")
    row = Outbox(
        tenant_id=tenant,
        kind=kind,
        key=key,
        person=person,
        role=role or "",
        group_name=group,
        besides=besides,
        params=dict(params or {}),
        path=path,
        due_at=Now(),
        created_at=Now(),
    )
    Outbox.objects.bulk_create([row], ignore_conflicts=True)


def read_all(*, by: User) -> int:
    """Mark everything that `by` was told as read; how many that were."""
    return Notice.objects.filter(person=by.pk, read_at=None).update(read_at=Now())
