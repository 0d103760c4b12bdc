"""Which group grants which portal role."""

from django.db import transaction

from identity.models import Group, Role, RoleGrant
from ledger.events import Event
from ledger.log import Actor, record


@transaction.atomic
def grant_role(*, by: Actor | None, group: Group, role: Role) -> RoleGrant:
    """Members of `group` hold `role` from their next request on; granting twice changes nothing."""
    grant, made = RoleGrant.objects.get_or_create(tenant_id=group.tenant_id, group=group, role=role)
    if made:
        facts = {"role": Role(role).value}
        record(Event.ROLE_GRANTED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}", facts=facts)
    return grant


@transaction.atomic
def revoke_role(*, by: Actor | None, group: Group, role: Role) -> None:
    """Members of `group` no longer hold `role` through it."""
    deleted, _kinds = RoleGrant.objects.filter(group=group, role=role).delete()
    if deleted:
        facts = {"role": Role(role).value}
        record(Event.ROLE_REVOKED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}", facts=facts)
