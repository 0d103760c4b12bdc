"""Who may. What a person may do inside an app is policy's word (rule access.app_role), asked by the gateway;
here is only what decides on buttons and menus, and whose exports are whose."""

from django.utils.translation import gettext as _

from identity.errors import Missing
from identity.models import User
from identity.roles import group_names
from runtime.live import LiveApp
from runtime.models import Export


def granted(user: User, live: LiveApp) -> frozenset[str]:
    """The permissions that the person's app roles name. To show or hide; never to allow."""
    groups = group_names(user)
    return frozenset(
        permission
        for role in live.manifest.roles
        if groups.intersection(role.groups)
        for permission in role.permissions
    )


def can_see_export(user: User, export: Export) -> bool:
    """An export is its requester's alone; reviewers see it as evidence of its request."""
    return export.requester_id == user.pk


def check_see_export(user: User, export: Export) -> None:
    """Raises:
    Missing: it is another's.
    """
    if not can_see_export(user, export):
        raise Missing(_("There is no such export, or it is not yours."))
