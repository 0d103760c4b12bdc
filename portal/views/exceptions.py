"""Exceptions from a rule: asked for from a refusal, listed, looked at, ended (P6).

They stand here because policy, whose they are, does not know apps and their owners.
"""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.decisions import explained
from catalog.models import App
from catalog.permissions import owns
from catalog.selectors import my_apps
from identity.errors import BadInput, Missing
from identity.models import User
from policy import services
from policy.levels import thresholds_for
from policy.models import PolicyException
from policy.permissions import can_end, can_see_every_exception
from policy.selectors import rules_in_force, waivable_denials
from policy.states import ExceptionState
from portal.admin_pages import words_of
from portal.exception_form import ExceptionForm
from runtime import once

PAGE_SIZE = 25
TONES = {
    ExceptionState.ASKED: "info",
    ExceptionState.ACTIVE: "warn",
    ExceptionState.REFUSED: "stop",
}


@require_safe
@login_required
def exceptions(request: HttpRequest) -> HttpResponse:
    """Those that the reader may see, newest first."""
    user, words = _person(request), words_of(request)
    state = request.GET.get("state", "")
    rows = PolicyException.objects.select_related("asked_by")
    if not can_see_every_exception(user):
        rows = rows.filter(Q(asked_by=user) | Q(app__in=my_apps(user).values("pk")))
    if state in ExceptionState.values:
        rows = rows.filter(state=state)
    if words:
        rows = rows.filter(Q(app_title__icontains=words) | Q(rule__icontains=words))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "rows": [(row, *_shown(row)) for row in page],
        "words": words,
        "state": state,
        "states": ExceptionState.choices,
    }
    return render(request, "portal/exceptions.html", context)


@require_safe
@login_required
def exception(request: HttpRequest, exception_id: uuid.UUID) -> HttpResponse:
    """One exception with what was said for it."""
    user = _person(request)
    row = _visible(user, exception_id)
    known = rules_in_force().get(row.rule)
    label, tone = _shown(row)
    context = {
        "row": row,
        "rule": known[0] if known else None,
        "label": label,
        "tone": tone,
        "may_end": row.state == ExceptionState.ACTIVE and can_end(user, row),
        "reads_record": can_see_every_exception(user),
    }
    return render(request, "portal/exception.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def ask(request: HttpRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Ask for an exception from what refused the reader; what is known is filled in."""
    user = _person(request)
    it = explained(decision_id, reader=user)
    denials = waivable_denials(it.kept)
    if it.app is None or not it.may_ask:
        raise BadInput(_("From this decision no exception can be asked for."), code="not_waivable")
    resource = it.kept.document.get("resource", {})
    target = it.kept.document.get("context", {}).get("target", {})
    options: dict[str, Any] = {
        "rules": [(one.code, rules_in_force()[one.code][0].title) for one in denials],
        "dataset": str(resource.get("dataset", "")),
        "region": str(target.get("region", "")),
        "most_days": thresholds_for(user).longest_exception_days,
    }
    if request.method == "POST":
        form = ExceptionForm(request.POST, **options)
        if form.is_valid():
            key = once.redeem(form.cleaned_data["key"], user, f"exception:{decision_id}")
            wish = form.wish(it.app.title)
            row = services.ask_exception(by=user, key=key, refusal=it.kept, wish=wish)
            messages.success(request, _("The exception is asked for. You hear when it is decided."))
            return redirect(row)
    else:
        key_ = once.issue(user, f"exception:{decision_id}")
        form = ExceptionForm(initial={"key": key_, "rule": denials[0].code}, **options)
    crumbs = [{"label": _("The decision"), "url": reverse("audit:decision", args=[decision_id])}]
    context = {"form": form, "it": it, "denials": denials, "crumbs": crumbs}
    return render(request, "portal/exception_ask.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def end(request: HttpRequest, exception_id: uuid.UUID) -> HttpResponse:
    """End it before its time."""
    user = _person(request)
    row = _visible(user, exception_id)
    services.end_exception(by=user, exception_id=row.pk)
    messages.success(request, _("The exception is over. The rule counts again."))
    return redirect(row)


def _visible(user: User, exception_id: uuid.UUID) -> PolicyException:
    row = PolicyException.objects.select_related("asked_by", "closed_by").filter(pk=exception_id).first()
    if row is not None:
        if can_see_every_exception(user) or row.asked_by_id == user.pk:
            return row
        app = App.objects.filter(pk=row.app).first()
        if app is not None and owns(user, app):
            return row
    raise Missing(_("There is no such exception, or it is not yours to see."))


def _shown(row: PolicyException) -> tuple[str, str]:
    """Its state in a word and a tone; what is over says so before the sweep has come round."""
    if row.state == ExceptionState.ACTIVE and not row.in_force:
        return str(ExceptionState.EXPIRED.label), "plain"
    return row.get_state_display(), TONES.get(ExceptionState(row.state), "plain")


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
