"""Who may look after people: `check_x` raises, `can_x` tells."""

from django.utils.translation import gettext as _

from identity.errors import NotAllowed
from identity.models import Role, User
from identity.roles import roles_of

OVERSEERS = frozenset({Role.ADMIN, Role.SECURITY, Role.AUDITOR})


def can_administer(user: User) -> bool:
    """Whether `user` looks after people and their access."""
    return Role.ADMIN in roles_of(user)


def check_administer(user: User) -> None:
    """Raise NotAllowed unless `user` looks after people and their access."""
    if not can_administer(user):
        raise NotAllowed(_("Only platform admins look after people and their access."))


def check_oversee(user: User) -> None:
    """Raise NotAllowed unless `user` may see how people came and went."""
    if not roles_of(user) & OVERSEERS:
        raise NotAllowed(_("Only platform admins, security and auditors see this."))
