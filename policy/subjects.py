"""From a person to the facts that policy decides on."""

from identity.models import User
from identity.roles import group_names, roles_of
from policy.inputs import Subject


def subject_of(user: User) -> Subject:
    """Who asks, with the portal roles and groups of now."""
    return Subject(
        id=str(user.pk),
        tenant=str(user.tenant_id),
        roles=frozenset(role.value for role in roles_of(user)),
        groups=group_names(user),
        active=user.is_active,
    )
