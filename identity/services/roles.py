"""Which group grants which portal role. Every change goes through `_apply`, whoever asks for it."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from identity import role_table
from identity.effects import Effect, Pairs
from identity.errors import BadInput, Conflict
from identity.models import Group, Role, RoleChange, RoleGrant, Tenant, User
from identity.permissions import check_administer
from ledger.events import Event
from ledger.log import Actor, record

MOST_CHANGES = 500


@transaction.atomic
def grant_role(*, by: Actor | None, group: Group, role: Role) -> None:
    """Members of `group` hold `role` from their next request on; granting twice changes nothing."""
    _lock(group.tenant_id)
    _apply(by, group.tenant_id, role_table.effect_of([(group.pk, role, True)]))


@transaction.atomic
def revoke_role(*, by: Actor | None, group: Group, role: Role) -> None:
    """Members of `group` no longer hold `role` through it.

    Raises:
        Conflict: nobody would be admin.
    """
    _lock(group.tenant_id)
    _apply(by, group.tenant_id, role_table.effect_of([(group.pk, role, False)]))


@transaction.atomic
def plan_roles(*, by: User, shown: Iterable[uuid.UUID], granted: Pairs) -> RoleChange:
    """Keep what `by` ticked for the groups `shown`; what he planned for other groups stays planned.

    Nothing takes effect before save_roles().

    Raises:
        NotAllowed: `by` is no admin.
        BadInput: a group or role is none of the table, or more than 500 grants are to change.
    """
    check_administer(by)
    groups = set(Group.objects.filter(pk__in=list(shown)).values_list("pk", flat=True))
    table = {(group, role.value) for group in groups for role in Role.grantable()}
    if not granted <= table:
        raise BadInput(_("A ticked box belongs to no group and role of this page."))
    plan, _made = RoleChange.objects.select_for_update().get_or_create(admin=by, tenant_id=by.tenant_id)
    now = role_table.grants_of(groups)
    others = [one for one in role_table.planned(plan) if one[0] not in groups]
    changes = others + [
        (*pair, pair in granted) for pair in sorted(table) if (pair in granted) != (pair in now)
    ]
    if len(changes) > MOST_CHANGES:
        raise BadInput(_("That is too much for one change: preview and save this first."))
    plan.changes = [[str(group), role, on] for group, role, on in changes]
    plan.save()
    return plan


@transaction.atomic
def discard_role_plan(*, by: User) -> None:
    """Forget what `by` planned."""
    RoleChange.objects.filter(admin=by).delete()


@transaction.atomic
def save_roles(*, by: User, seen: str) -> Effect:
    """Do what `by` planned, if it still does exactly what he saw (`seen`: the digest of that preview).

    Raises:
        NotAllowed: `by` is no admin.
        Conflict: groups, members or grants have changed meanwhile, nothing is planned, or nobody would be
            admin.
    """
    check_administer(by)
    _lock(by.tenant_id)
    plan = RoleChange.objects.select_for_update().filter(admin=by).first()
    effect = role_table.effect_of(role_table.planned(plan))
    if effect.before == effect.after:
        raise Conflict(_("There is nothing to save: the table is already as you want it."))
    if effect.digest() != seen:
        raise Conflict(
            _("Groups or roles have changed since you saw the preview. Look at it again, then save."),
            code="role_preview_stale",
        )
    _apply(by, by.tenant_id, effect)
    discard_role_plan(by=by)
    return effect


def _lock(tenant: uuid.UUID) -> None:
    """One change of roles at a time in a tenant: two admins must not take the last right from each other."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant)


def _apply(by: Actor | None, tenant: uuid.UUID, effect: Effect) -> None:
    if any(role not in Role.grantable() for _group, role in effect.before ^ effect.after):
        raise BadInput(_("Everybody who signs in is an end user; no group grants that."))
    if role_table.takes_last_admin(effect.totals()):
        raise Conflict(
            _("Nobody would be admin any more. Give the role to another group with people in it first."),
            code="last_admin",
        )
    counts = effect.by_pair()  # before the change: it asks who differs
    gone, new = sorted(effect.before - effect.after), sorted(effect.after - effect.before)
    for group, role in gone:
        RoleGrant.objects.filter(group=group, role=role).delete()
    RoleGrant.objects.bulk_create(
        [RoleGrant(tenant_id=tenant, group_id=group, role=role) for group, role in new]
    )
    for event, word, pairs in ((Event.ROLE_REVOKED, "lost_by", gone), (Event.ROLE_GRANTED, "gained_by", new)):
        for pair in pairs:
            facts = {"role": pair[1], word: counts.get(pair, 0)}
            record(event, by=by, tenant=tenant, obj=f"group:{pair[0]}", facts=facts)
