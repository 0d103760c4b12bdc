"""Exceptions from a rule and overrides: asked for from a refusal, listed, looked at, ended (P6).

They stand here because policy, whose they are, does not know apps and their owners.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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

from audit.decisions import Explained, explained
from catalog.models import App
from catalog.permissions import owns
from catalog.selectors import my_apps
from identity.errors import BadInput, Missing
from identity.models import User
from policy import explain, services
from policy.decision import Reason
from policy.levels import thresholds_for
from policy.models import PolicyException
from policy.permissions import can_end, can_see_every_exception
from policy.selectors import overridable_denials, rules_in_force, waivable_denials
from policy.states import ExceptionState
from portal.admin_pages import words_of
from portal.exception_form import ExceptionForm, OverrideForm
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
        rows = rows.filter(Q(asked_by=user) | Q(person=user) | Q(app__in=my_apps(user).values("pk")))
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
        "action": explain.action(row.action) if row.action else "",
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
    it = explained(decision_id, reader=_person(request))
    if it.app is None or not it.may_ask:
        raise BadInput(_("From this decision no exception can be asked for."), code="not_waivable")
    options = {
        "dataset": it.kept.dataset,
        "region": it.kept.region,
        "most_days": thresholds_for(_person(request)).longest_exception_days,
    }
    asking = _Asking("exception", ExceptionForm, waivable_denials(it.kept), options, services.ask_exception)
    done = _("The exception is asked for. You hear when it is decided.")
    return _ask(request, it, it.app.title, asking, done)


@require_http_methods(["GET", "POST"])
@login_required
def override(request: HttpRequest, decision_id: uuid.UUID) -> HttpResponse:
    """An admin asks security to let pass for some hours what was refused somebody."""
    it = explained(decision_id, reader=_person(request))
    if it.app is None or not it.may_override:
        raise BadInput(_("From this decision no override can be asked for."), code="not_overridable")
    asking = _Asking("override", OverrideForm, overridable_denials(it.kept), {}, services.ask_override)
    return _ask(request, it, it.app.title, asking, _("The override is asked for. Security was told."))


@dataclass(frozen=True)
class _Asking:
    """The two ways to set a rule aside, as far as their pages differ."""

    name: str
    form: type[ExceptionForm] | type[OverrideForm]
    denials: Sequence[Reason]
    options: Mapping[str, Any]
    service: Callable[..., PolicyException]


def _ask(request: HttpRequest, it: Explained, title: str, asking: _Asking, done: str) -> HttpResponse:
    user, about = _person(request), f"{asking.name}:{it.kept.row.pk}"
    options = {"denials": asking.denials, **asking.options}
    if request.method == "POST":
        form = asking.form(request.POST, **options)
        if form.is_valid():
            key = once.redeem(form.cleaned_data["key"], user, about)
            row = asking.service(by=user, key=key, refusal=it.kept, wish=form.wish(title))
            messages.success(request, done)
            return redirect(row)
    else:
        form = asking.form(initial={"key": once.issue(user, about)}, **options)
    crumbs = [{"label": _("The decision"), "url": reverse("audit:decision", args=[it.kept.row.pk])}]
    context = {"form": form, "it": it, "denials": asking.denials, "crumbs": crumbs}
    status = 422 if form.errors else 200
    return render(request, f"portal/{asking.name}_ask.html", context, status=status)


@require_POST
@login_required
def end(request: HttpRequest, exception_id: uuid.UUID) -> HttpResponse:
    """End it before its time."""
    user = _person(request)
    row = _visible(user, exception_id)
    services.end_exception(by=user, exception_id=row.pk)
    messages.success(request, _("It is over. The rule counts again."))
    return redirect(row)


def _visible(user: User, exception_id: uuid.UUID) -> PolicyException:
    row = (
        PolicyException.objects.select_related("asked_by", "closed_by", "person")
        .filter(pk=exception_id)
        .first()
    )
    if row is not None:
        if can_see_every_exception(user) or user.pk in {row.asked_by_id, row.person_id}:
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
