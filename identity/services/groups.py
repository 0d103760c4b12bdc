"""Writes to groups and their members."""

import uuid
from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput
from identity.models import Group, Membership
from identity.services.rows import check, save
from ledger.events import Event
from ledger.log import Actor, record

IDS_AN_EVENT = 500  # so that a change of a huge group fits the size limit of an event's body


@transaction.atomic
def provision_group(
    *,
    by: Actor | None,
    tenant: uuid.UUID,
    name: str,
    external_id: str = "",
    members: Iterable[uuid.UUID] = (),
) -> Group:
    """A new group with its members.

    Raises:
        BadInput: a value does not fit, or a member is none of this tenant.
        Conflict: the tenant has a group of that name or external id.
    """
    group = Group(tenant_id=tenant, name=name, external_id=external_id)
    check(group)
    save(group, creating=True)
    record(Event.GROUP_PROVISIONED, by=by, tenant=tenant, obj=f"group:{group.pk}")
    change_group_members(by=by, group=group, add=members)
    return group


@transaction.atomic
def change_group(
    *, by: Actor | None, group: Group, name: str, external_id: str, members: Iterable[uuid.UUID] | None = None
) -> Group:
    """Rename the group and set its members; None leaves them. `group` is a locked row."""
    if (group.name, group.external_id) != (name, external_id):
        group.name, group.external_id = name, external_id
        check(group)
        group.version += 1
        save(group)
        record(
            Event.GROUP_CHANGED,
            by=by,
            tenant=group.tenant_id,
            obj=f"group:{group.pk}",
            facts={"renamed": True},
        )
    if members is not None:
        set_group_members(by=by, group=group, members=members)
    return group


@transaction.atomic
def set_group_members(
    *, by: Actor | None, group: Group, members: Iterable[uuid.UUID]
) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Make exactly `members` the group's members; returns who was added and who was taken out.

    Raises as change_group_members does.
    """
    wanted = set(members)
    present = set(Membership.objects.filter(group=group).values_list("user_id", flat=True))
    return change_group_members(by=by, group=group, add=wanted - present, remove=present - wanted)


@transaction.atomic
def change_group_members(
    *,
    by: Actor | None,
    group: Group,
    add: Iterable[uuid.UUID] = (),
    remove: Iterable[uuid.UUID] = (),
) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Add and take out members; returns who really was. `group` is a locked row or a new one.

    Works on sets, in the database: thousands of members cost a handful of statements.

    Raises:
        BadInput: one who is to be added is none of this tenant's people.
    """
    gone = _delete(group, set(remove)) if remove else set()
    added = _insert(group, set(add)) if add else set()
    if gone or added:
        group.version += 1
        group.changed_at = timezone.now()
        group.save(update_fields=["version", "changed_at"])
    _record_members(by, group, "added", added)
    _record_members(by, group, "removed", gone)
    return added, gone


@transaction.atomic
def remove_group(*, by: Actor | None, group: Group) -> None:
    """Delete the group; its members lose what it granted at their next request."""
    set_group_members(by=by, group=group, members=())
    record(Event.GROUP_REMOVED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}")
    group.delete()


def _delete(group: Group, users: set[uuid.UUID]) -> set[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM identity_membership WHERE group_id = %s AND user_id = ANY(%s) RETURNING user_id",
            [group.pk, list(users)],
        )
        return {row[0] for row in cursor.fetchall()}


def _insert(group: Group, users: set[uuid.UUID]) -> set[uuid.UUID]:
    """Their rows are locked, so that nobody joins who is being removed at the same moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM identity_user WHERE id = ANY(%s) AND tenant_id = %s AND removed_at IS NULL"
            " ORDER BY id FOR SHARE",
            [list(users), group.tenant_id],
        )
        known = [row[0] for row in cursor.fetchall()]
        if len(known) != len(users):
            raise BadInput(_("A member of the group is not among the people of this tenant."), code="member")
        cursor.execute(
            "INSERT INTO identity_membership (id, tenant_id, group_id, user_id)"
            " SELECT uuidv7(), %s, %s, unnest(%s::uuid[])"
            " ON CONFLICT (group_id, user_id) DO NOTHING RETURNING user_id",
            [group.tenant_id, group.pk, known],
        )
        return {row[0] for row in cursor.fetchall()}


def _record_members(by: Actor | None, group: Group, what: str, ids: set[uuid.UUID]) -> None:
    ordered = sorted(map(str, ids))
    for start in range(0, len(ordered), IDS_AN_EVENT):
        facts = {what: ordered[start : start + IDS_AN_EVENT]}
        record(Event.GROUP_CHANGED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}", facts=facts)
