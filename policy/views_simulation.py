"""A version of the rules tried on what was decided: asked for, watched, read, stopped (P7)."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from identity.errors import BadInput, Conflict, Missing
from identity.models import User
from policy import services
from policy.forms import SimulateForm
from policy.models import Simulation
from policy.selectors import rules_in_force
from policy.simulation.reading import EFFECTS, Reading, as_csv, as_json
from policy.versions import can_change, check_change, check_read

PAGE_SIZE = 25


@require_POST
@login_required
def start(request: HttpRequest, version_id: uuid.UUID) -> HttpResponse:
    """Try the version; the page of the simulation shows how far it is."""
    user, form = _person(request), SimulateForm(request.POST)
    check_read(user)
    check_change(user)
    if not form.is_valid():
        raise BadInput(_("Choose 1 to %(days)d days.") % {"days": services.MOST_SIMULATED_DAYS}, code="days")
    row = services.start_simulation(by=user, version_id=version_id, days=form.cleaned_data["days"])
    return redirect(row.get_absolute_url())


@require_safe
@login_required
def simulation(request: HttpRequest, version_id: uuid.UUID, simulation_id: uuid.UUID) -> HttpResponse:
    """How far it is, and then what it found."""
    row = _found(request, version_id, simulation_id)
    if "progress" in request.GET:
        if row.is_moving:
            return render(request, "policy/_progress.html", {"simulation": row})
        return HttpResponse(headers={"HX-Refresh": "true"})  # the page as it is now
    context = {"simulation": row, "may": can_change(_person(request)), **_changes(request, row)}
    if getattr(request, "htmx", False):
        return render(request, "policy/_changes.html", context)
    crumbs = [
        {"label": _("Rules"), "url": reverse("policy:rules")},
        {"label": str(row.version), "url": row.version.get_absolute_url()},
    ]
    response = render(request, "policy/simulation.html", context | {"crumbs": crumbs, "kpis": _kpis(row)})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@login_required
def cancel(request: HttpRequest, version_id: uuid.UUID, simulation_id: uuid.UUID) -> HttpResponse:
    """Stop it."""
    row = _found(request, version_id, simulation_id)
    try:
        services.cancel_simulation(by=_person(request), simulation_id=row.pk)
    except Conflict as over:
        messages.info(request, over.message)
    return redirect(row.get_absolute_url())


@require_safe
@login_required
def report(request: HttpRequest, version_id: uuid.UUID, simulation_id: uuid.UUID, form: str) -> HttpResponse:
    """What it found, filtered as the page is, as a file."""
    row = _found(request, version_id, simulation_id)
    makers = {"csv": ("text/csv; charset=utf-8", as_csv), "json": ("application/json", as_json)}
    if form not in makers or row.report is None:
        raise Missing(_("There is no such report."))
    reading = _reading(request, row)
    body = as_csv(reading.rows) if form == "csv" else as_json(reading)
    name = f"simulation-{row.version.number}-{row.pk}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type=makers[form][0], headers=headers)


def _found(request: HttpRequest, version_id: uuid.UUID, simulation_id: uuid.UUID) -> Simulation:
    check_read(_person(request))
    rows = Simulation.objects.select_related("version", "asked_by").defer("version__files")
    row = rows.filter(pk=simulation_id, version=version_id).first()
    if row is None:
        raise Missing(_("There is no such simulation."))
    return row


def _changes(request: HttpRequest, row: Simulation) -> dict[str, Any]:
    reading = _reading(request, row)
    page = Paginator(reading.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "lines": reading.lines(page),
        "known": rules_in_force(),
        "effect": reading.effect,
        "words": reading.words,
        "effects": [(effect.value, label) for effect, label in EFFECTS.items()],
    }


def _reading(request: HttpRequest, row: Simulation) -> Reading:
    effect = request.GET.get("effect", "")
    words = request.GET.get("q", "").strip()[:200]
    return Reading(row, effect if effect in set(EFFECTS) else "", words)


def _kpis(row: Simulation) -> list[tuple[str, int, str]]:
    """The counts of the report, each with its name and a note."""
    told = row.summary
    if not told:
        return []
    distinct = _("%(n)s of them different") % {"n": intcomma(told["distinct"])}
    kpis = [(_("Decisions and apps asked"), told["asked"], distinct)]
    kpis += [(str(label), told["effects"][effect], "") for effect, label in EFFECTS.items()]
    return [*kpis, (_("Without an answer"), told["without_answer"], _("counted as denied"))]


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
