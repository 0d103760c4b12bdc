"""Who may see and end exceptions: `check_x` raises, `can_x` tells. An app's owners see its exceptions too
(portal/views/exceptions.py, which knows apps)."""

from django.utils.translation import gettext as _

from identity.errors import NotAllowed
from identity.models import Role, User
from identity.roles import roles_of
from policy.models import PolicyException

OVERSEERS = frozenset({Role.REVIEWER, Role.SECURITY, Role.ADMIN, Role.AUDITOR})
ENDERS = frozenset({Role.SECURITY, Role.ADMIN})


def can_oversee(user: User) -> bool:
    """Whether `user` sees every exception of the tenant."""
    return bool(OVERSEERS & roles_of(user))


def can_end(user: User, row: PolicyException) -> bool:
    """Whether `user` may end the exception before its time."""
    return row.asked_by_id == user.pk or bool(ENDERS & roles_of(user))


def check_end(user: User, row: PolicyException) -> None:
    """Raise NotAllowed unless `user` may end the exception before its time."""
    if not can_end(user, row):
        raise NotAllowed(_("Who asked for an exception, security and admins can end it."))
