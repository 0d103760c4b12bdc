"""Pages for those who look after people: who is leaving and what became of his things, and break-glass."""

import uuid
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from identity import offboarding, services, sessions
from identity.errors import Missing
from identity.models import BreakGlass, Offboarding, OffboardingStep, User
from identity.permissions import can_administer, check_administer, check_oversee
from identity.tenancy import tenant_scope
from notices.kinds import Kind
from portal.conditions import check_admin
from portal.services import tell_admins

PAGE_SIZE = 25
TONES = {"waiting": "info", "done": "ok", "failed": "stop"}


@login_required
@require_safe
def offboardings(request: HttpRequest) -> HttpResponse:
    """Everybody who left, newest first, with how far it is."""
    user = _person(request)
    check_oversee(user)
    words = request.GET.get("q", "").replace("\x00", "").strip()
    rows = Offboarding.objects.select_related("user").annotate(
        all_steps=Count("steps"), done_steps=Count("steps", filter=Q(steps__state="done"))
    )
    if words:
        rows = rows.filter(user__display_name__icontains=words)
    page = Paginator(rows.order_by("-began_at", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "words": words,
        "administers": can_administer(user),
    }
    return render(request, "portal/offboardings.html", context)


@login_required
@require_safe
def offboarding_of(request: HttpRequest, offboarding_id: uuid.UUID) -> HttpResponse:
    """Every step of one person's leaving; whether all are done."""
    user = _person(request)
    check_oversee(user)
    found = Offboarding.objects.select_related("user").filter(pk=offboarding_id).first()
    if found is None:
        raise Missing(_("There is no such offboarding."))
    known = offboarding.steps()
    rows = [
        (step, known[step.key].title if step.key in known else step.key, TONES[step.state])
        for step in found.steps.order_by("pk")
    ]
    crumbs = [{"label": _("People who left"), "url": reverse("offboardings")}]
    context = {"found": found, "rows": rows, "crumbs": crumbs, "may_retry": can_administer(user)}
    return render(request, "portal/offboarding.html", context)


@login_required
@require_POST
def retry(request: HttpRequest, offboarding_id: uuid.UUID, step_id: uuid.UUID) -> HttpResponse:
    """Try a step again that was given up."""
    user = _person(request)
    check_administer(user)
    rows = OffboardingStep.objects.select_related("offboarding").filter(offboarding=offboarding_id)
    row = rows.filter(pk=step_id).first()
    if row is None:
        raise Missing(_("There is no such step."))
    services.retry_step(by=user, step=row)
    messages.success(request, _("It is tried again."))
    return redirect("offboarding", offboarding_id)


@never_cache
@require_http_methods(["GET", "POST"])
def break_glass(request: HttpRequest, link: str) -> HttpResponse:
    """Redeem a link that was made on the server's shell. Opening it does nothing: a mail scanner may."""
    if request.method == "GET":
        return render(request, "portal/break_glass.html")
    with transaction.atomic():
        grant = services.use_break_glass(token=link)
        with tenant_scope(grant.tenant_id):
            tell_admins(Kind.BREAK_GLASS_USED, grant)
    sessions.begin_break_glass(request, grant)
    return redirect("home")


@login_required
@require_safe
def break_glasses(request: HttpRequest) -> HttpResponse:
    """Every break-glass of the tenant; those that nobody has reviewed come first."""
    user = _person(request)
    check_oversee(user)
    rows = BreakGlass.objects.filter(tenant=user.tenant_id).select_related("user", "reviewed_by")
    rows = rows.order_by(F("reviewed_at").desc(nulls_first=True), "-issued_at")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "now": timezone.now(),
        "administers": can_administer(user),
    }
    return render(request, "portal/break_glasses.html", context)


@login_required
@require_POST
def review(request: HttpRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Write down what a review found."""
    user = _person(request)
    check_administer(user)
    check_admin(request)
    found = request.POST.get("review", "").replace("\x00", "")
    services.review_break_glass(by=user, grant_id=grant_id, review=found)
    messages.success(request, _("The review is recorded."))
    return redirect("break-glass-list")


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
