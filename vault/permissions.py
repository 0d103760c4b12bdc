"""Who may look after keys: `check_x` raises, `can_x` tells."""

from django.utils.translation import gettext as _

from identity.errors import NotAllowed
from identity.models import Role, User
from identity.permissions import OVERSEERS
from identity.roles import roles_of

SWITCHERS = frozenset({Role.ADMIN, Role.SECURITY})


def can_manage(user: User) -> bool:
    """Whether `user` rotates, imports and switches on keys, and asks for their destruction."""
    return Role.ADMIN in roles_of(user)


def check_see(user: User) -> None:
    """Raise NotAllowed unless `user` may see which keys there are and how they are used."""
    if not roles_of(user) & OVERSEERS:
        raise NotAllowed(_("Only platform admins, security and auditors see the keys."))


def check_manage(user: User) -> None:
    """Raise NotAllowed unless `user` looks after keys."""
    if not can_manage(user):
        raise NotAllowed(_("Only platform admins look after keys."))


def can_switch_off(user: User) -> bool:
    """Whether `user` may switch a key off, which harms nothing that cannot be put back."""
    return bool(roles_of(user) & SWITCHERS)


def check_switch_off(user: User) -> None:
    """Raise NotAllowed unless `user` may switch a key off."""
    if not can_switch_off(user):
        raise NotAllowed(_("Only platform admins and security switch keys off."))
