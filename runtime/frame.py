"""What every page of a running app has around it: the app's name, owner, menu and the person's ways on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.manifest import PageKind
from policy.inputs import Action
from policy.selectors import overridden_until
from runtime.live import LiveApp
from runtime.permissions import granted

if TYPE_CHECKING:
    from runtime.pages import Place  # pages import this module

ROUTES: Mapping[str, tuple[str, Action]] = {
    PageKind.FORM: ("form", Action.RECORD_CREATE),
    PageKind.LIST: ("list", Action.RECORD_LIST),
    PageKind.DASHBOARD: ("dashboard", Action.DASHBOARD_VIEW),
}


def frame(request: HttpRequest, place: "Place", title: str) -> dict[str, Any]:
    """Context for templates/runtime/base.html."""
    live = place.live
    user: Any = request.user
    return {
        "app": live,
        "place_title": title,
        "crumbs": [{"label": _("Apps"), "url": reverse("runtime:directory")}],
        "tabs": menu(live, granted(user, live), request.path),
        "badge": highest(place),
        "dataset": place.dataset,
        "overridden_until": overridden_until(live.tenant, live.id),
    }


def menu(live: LiveApp, may: frozenset[str], current: str = "") -> list[dict[str, Any]]:
    """The app's pages that the person's roles open, in the manifest's order; the first of each address."""
    entries: dict[str, dict[str, Any]] = {}
    for page in live.manifest.pages:
        route, action = ROUTES.get(page.kind, ("", None))
        if not route or action not in may:
            continue
        url = reverse(f"runtime:{route}", args=[live.slug, page.dataset])
        entries.setdefault(url, {"label": page.title, "url": url, "current": url == current})
    return list(entries.values())


def highest(place: "Place") -> dict[str, Any]:
    """The most sensitive class of data on the page's dataset, for the badge beside the title."""
    badges = [item.badge for item in place.dataset.fields]
    return max(badges, key=lambda badge: int(badge["level"])) if badges else {}
