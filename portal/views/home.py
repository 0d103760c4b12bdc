"""The first page."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals.selectors import Tab, counts, inbox
from catalog.models import App, Draft
from catalog.states import DraftState
from identity.models import User
from identity.roles import Role, roles_of
from runtime.selectors import usable_apps

FEW = 6


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person, what he may use, and what he builds; a few of each."""
    user = cast("User", request.user)
    context = {
        "waiting": inbox(user, Tab.WAITING)[:FEW],
        "waiting_count": counts(user)[Tab.WAITING],
        "apps": usable_apps(user)[:FEW],
        "drafts": Draft.objects.filter(builder=user, state=DraftState.OPEN)[:FEW],
        "own": App.objects.filter(owner=user)[:FEW],
        "builds": Role.BUILDER in roles_of(user),
    }
    return render(request, "portal/home.html", context)
