"""Who may do what in the data catalog."""

from django.utils.translation import gettext as _

from identity.errors import NotAllowed
from identity.models import Role, User
from identity.roles import roles_of

STEWARDS = frozenset({Role.BUILDER, Role.REVIEWER, Role.SECURITY, Role.ADMIN})


def can_see(user: User) -> bool:
    """Everyone of the tenant may know which data there is; its values are another matter."""
    return user.is_active


def can_import(user: User) -> bool:
    """Whether `user` may bring in a contract."""
    return bool(STEWARDS & roles_of(user))


def check_import(user: User) -> None:
    """Raises NotAllowed unless `user` may bring in a contract."""
    if not can_import(user):
        raise NotAllowed(_("Builders, reviewers, security and admins import datasets. Ask one of them."))


def can_confirm(user: User) -> bool:
    """Whether `user` may tag fields."""
    return bool(STEWARDS & roles_of(user))


def check_confirm(user: User) -> None:
    """Raises NotAllowed unless `user` may tag fields."""
    if not can_confirm(user):
        raise NotAllowed(_("Builders, reviewers, security and admins tag fields. Ask one of them."))
