"""Writes to groups and their members."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from identity.errors import BadInput
from identity.models import Group, Membership, User
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
    set_group_members(by=by, group=group, members=members)
    return group


@transaction.atomic
def change_group(
    *, by: Actor | None, group: Group, name: str, external_id: str, members: Iterable[uuid.UUID] | None = None
) -> Group:
    """Rename the group and set its members; None leaves them. `group` is a locked row."""
    renamed = (group.name, group.external_id) != (name, external_id)
    group.name, group.external_id = name, external_id
    check(group)
    save(group)
    if renamed:
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

    Works on sets, not row by row: thousands of members cost a handful of statements.

    Raises:
        BadInput: a member is none of this tenant's people.
    """
    wanted = set(members)
    present = set(Membership.objects.filter(group=group).values_list("user_id", flat=True))
    added, gone = wanted - present, present - wanted
    known = set(
        User.objects.filter(tenant_id=group.tenant_id, removed_at=None, pk__in=added).values_list(
            "pk", flat=True
        )
    )
    if known != added:
        raise BadInput(_("A member of the group is not among the people of this tenant."), code="member")
    Membership.objects.filter(group=group, user_id__in=gone).delete()
    Membership.objects.bulk_create(
        [Membership(tenant_id=group.tenant_id, group=group, user_id=user) for user in added],
        ignore_conflicts=True,
        batch_size=1000,
    )
    _record_members(by, group, "added", added)
    _record_members(by, group, "removed", gone)
    return added, gone


@transaction.atomic
def remove_group(*, by: Actor | None, group: Group) -> None:
    """Delete the group; its members lose what it granted at their next request."""
    set_group_members(by=by, group=group, members=())
    record(Event.GROUP_REMOVED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}")
    group.delete()


def _record_members(by: Actor | None, group: Group, what: str, ids: set[uuid.UUID]) -> None:
    ordered = sorted(map(str, ids))
    for start in range(0, len(ordered), IDS_AN_EVENT):
        facts = {what: ordered[start : start + IDS_AN_EVENT]}
        record(Event.GROUP_CHANGED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}", facts=facts)
