"""Who may change an app: a section of its page, and the two answers to it."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog import selectors, services
from catalog.models import App
from catalog.permissions import can_change, check_change, check_see
from catalog.states import AppState
from catalog.views.wizard import as_uuid, person
from identity.errors import BadInput
from identity.models import User


def section(request: HttpRequest, app: App) -> dict[str, Any]:
    """What templates/catalog/_owners.html shows: owners, and for them the people that a search finds.

    `changed` is who was added or taken out just now, with how it stands, so that it can be undone.
    """
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    rows = selectors.co_owners(app)
    may_share = app.state != AppState.RETIRED and can_change(person(request), app)
    just = as_uuid(request.GET.get("person", "")) if may_share else None
    changed = selectors.colleague(just) if just and just != app.owner_id else None
    return {
        "app": app,
        "co_owners": rows,
        "may_share": may_share,
        "words": words,
        "found": selectors.could_co_own(app, words) if may_share and words else [],
        "changed": changed,
        "was_added": changed is not None and changed.pk in {row.user_id for row in rows},
    }


@login_required
@require_POST
def add_owner(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a colleague change the app; the page has asked before, and offers to undo it."""
    user, app = person(request), _own(request, slug)
    named = as_uuid(request.POST.get("person", ""))
    if named is None:
        raise BadInput(_("Choose a person."))
    added = selectors.colleague(named)
    services.add_co_owner(by=user, app=app, user=added)
    return _back(app, added)


@login_required
@require_POST
def remove_owner(request: HttpRequest, slug: str, person_id: uuid.UUID) -> HttpResponse:
    """Take that right away. Who takes it from themselves has no page of the app to go back to."""
    user, app = person(request), _own(request, slug)
    gone = selectors.colleague(person_id)
    services.remove_co_owner(by=user, app=app, user=gone)
    if gone.pk == user.pk:
        messages.success(request, _("You are no longer a co-owner of “%(app)s”.") % {"app": app.title})
        return redirect("catalog:my-apps")
    return _back(app, gone)


def _own(request: HttpRequest, slug: str) -> App:
    user = person(request)
    app = check_see(user, selectors.app_by_slug(slug))
    check_change(user, app)
    return app


def _back(app: App, changed: User) -> HttpResponse:
    return redirect(f"{app.get_absolute_url()}?{urlencode({'person': str(changed.pk)})}#owners")
