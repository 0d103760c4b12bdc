"""Who may look at what decides elsewhere, and at exceptions, end these, and ask for changes of policy data:
`check_x` raises, `can_x` tells.

An app's owners see its exceptions too (portal/views/exceptions.py, which knows apps).
"""

from django.utils.translation import gettext as _

from identity.errors import NotAllowed
from identity.models import Role, User
from identity.permissions import OVERSEERS
from identity.roles import roles_of
from policy.models import PolicyException

ENDERS = frozenset({Role.SECURITY, Role.ADMIN})


def can_see_agents(user: User) -> bool:
    """Whether `user` may see how agents do."""
    return bool(roles_of(user) & OVERSEERS)


def check_see_agents(user: User) -> None:
    """Raise NotAllowed unless `user` may see how agents do."""
    if not can_see_agents(user):
        raise NotAllowed(_("Only platform admins, security and auditors see the agents."))


def can_see_every_exception(user: User) -> bool:
    """Whether `user` sees the exceptions of all apps: who oversees, and who reviews."""
    return bool(roles_of(user) & (OVERSEERS | {Role.REVIEWER}))


def can_end(user: User, row: PolicyException) -> bool:
    """Whether `user` may end the exception before its time."""
    return row.asked_by_id == user.pk or bool(ENDERS & roles_of(user))


def check_end(user: User, row: PolicyException) -> None:
    """Raise NotAllowed unless `user` may end the exception before its time."""
    if not can_end(user, row):
        raise NotAllowed(_("Who asked for an exception, security and admins can end it."))


def check_propose(user: User) -> None:
    """Raise NotAllowed unless `user` may ask for a change of policy data; another person approves it."""
    if Role.ADMIN not in roles_of(user):
        raise NotAllowed(_("Only platform admins ask for changes of policy data."))
