"""Who may look at what decides elsewhere: `check_x` raises, `can_x` tells."""

from django.utils.translation import gettext as _

from identity.errors import NotAllowed
from identity.models import User
from identity.permissions import OVERSEERS
from identity.roles import roles_of


def can_see_agents(user: User) -> bool:
    """Whether `user` may see how agents do."""
    return bool(roles_of(user) & OVERSEERS)


def check_see_agents(user: User) -> None:
    """Raise NotAllowed unless `user` may see how agents do."""
    if not can_see_agents(user):
        raise NotAllowed(_("Only platform admins, security and auditors see the agents."))
