"""What every page's frame needs."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.permissions import READERS
from identity.models import Role
from identity.permissions import OVERSEERS
from identity.roles import roles_of
from identity.sessions import admin_until


def site(request: HttpRequest) -> dict[str, Any]:
    """Navigation by role, the person and the tenant. Costs one query, for the person's roles."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": [], "person": None, "tenant": None}
    until = admin_until(request)
    return {
        "nav": _nav(request, roles_of(user)),
        "person": user,
        "tenant": user.tenant,
        "breaks_glass_until": datetime.fromtimestamp(until, UTC) if until else None,
    }


def _nav(request: HttpRequest, roles: frozenset[Role]) -> list[dict[str, Any]]:
    entries = [
        ("catalog:begin", _("Build"), Role.BUILDER in roles),
        ("catalog:my-apps", _("My apps"), Role.BUILDER in roles),
        ("runtime:directory", _("Apps"), True),
        ("approvals:inbox", _("Approvals"), True),
        ("datacatalog:datasets", _("Data catalog"), True),
        ("audit:events", _("Audit"), bool(READERS & roles)),
        ("keys", _("Keys"), bool(OVERSEERS & roles)),
        ("people", _("People"), Role.ADMIN in roles),
        ("offboardings", _("People"), Role.ADMIN not in roles and bool(OVERSEERS & roles)),
        ("admin:index", _("Admin"), Role.ADMIN in roles),
    ]
    return [
        {"url": reverse(name), "label": label, "current": _is_current(request, reverse(name))}
        for name, label, shown in entries
        if shown
    ]


def _is_current(request: HttpRequest, url: str) -> bool:
    """Whether the page is in the same place: the first part of the address names it."""
    return request.path.split("/")[1] == url.split("/")[1]
