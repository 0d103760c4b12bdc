"""The auditor's pages."""

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.decisions import explained
from audit.forms import SearchForm
from audit.permissions import can_search, check_search
from audit.search import Found, search, timeline
from catalog.models import App
from catalog.permissions import check_see
from identity.errors import Missing
from identity.models import User


@require_safe
@login_required
def events(request: HttpRequest) -> HttpResponse:
    """The record of the tenant, with filters; older pages continue below."""
    check_search(cast("User", request.user))
    form = SearchForm(request.GET)
    found = search(form.filters(), before=_before(request)) if form.is_valid() else Found([], None)
    query = request.GET.copy()
    query.pop("before", None)
    context = {"form": form, "found": found, "query": query.urlencode(), "paged": _before(request)}
    return render(request, "audit/events.html", context)


@require_safe
@login_required
def app_timeline(request: HttpRequest, app_id: uuid.UUID) -> HttpResponse:
    """The story of one app, for its owners, for who oversees apps and for readers of the record."""
    user = cast("User", request.user)
    app = App.objects.filter(pk=app_id).first()
    if not can_search(user):
        app = check_see(user, app)
    if app is None:
        raise Missing(_("There is no such app."))
    found = timeline(app.pk, before=_before(request))
    context = {"app": app, "found": found, "query": "", "paged": _before(request)}
    return render(request, "audit/app.html", context | {"searches": can_search(user)})


@require_safe
@login_required
def decision(request: HttpRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Why something was allowed or refused, for who asked, the app's owners and readers of the record."""
    it = explained(decision_id, reader=cast("User", request.user))
    return render(request, "audit/decision.html", {"it": it})


def _before(request: HttpRequest) -> int | None:
    """Where the page begins: below this place in the log; None for the newest."""
    text = request.GET.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None
