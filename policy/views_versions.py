"""The life of the rules, for the people of the operating tenant (docs/adr/0080)."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from identity.errors import Missing
from identity.models import User
from identity.step_up import require_step_up
from policy import services
from policy.forms import RollBackForm
from policy.models import RulesInForce, RulesVersion
from policy.states import OPEN_VERSIONS, VersionState
from policy.versions import (
    can_change,
    check_change,
    check_read,
    compared,
    decided_by,
    is_release_waiting,
    versions,
)
from policy.versions_words import check_label

PAGE_SIZE = 25
HISTORY = 20
TONES = {
    VersionState.CHECKING: "info",
    VersionState.IN_REVIEW: "info",
    VersionState.PUBLISHED: "ok",
    VersionState.FAILED: "stop",
    VersionState.REFUSED: "stop",
}
SIGNS = {"+": "added", "-": "removed", "@": "place"}


@require_safe
@login_required
def version_list(request: HttpRequest) -> HttpResponse:
    """Every version, and what was in force when."""
    user = _reader(request)
    page = Paginator(versions(), PAGE_SIZE).get_page(request.GET.get("page"))
    revision = decided_by().revision
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "rows": [(row, *_shown(row, revision)) for row in page],
        "history": _history(revision),
        "revision": revision,
        "may_change": can_change(user),
        "release_waits": is_release_waiting(),
        "crumbs": [{"label": _("Rules"), "url": reverse("policy:rules")}],
    }
    return render(request, "policy/versions.html", context)


@require_safe
@login_required
def version(request: HttpRequest, version_id: uuid.UUID) -> HttpResponse:
    """One version with its checks and every line that it changes; asked by htmx, its checks alone."""
    user = _reader(request)
    row = RulesVersion.objects.select_related("author").filter(pk=version_id).first()
    if row is None:
        raise Missing(_("There is no such version of the rules."))
    context: dict[str, Any] = {
        "version": row,
        "checks": [
            {**one, "label": check_label(one["name"]), "short": "\n" not in one["detail"]}
            for one in row.checks
        ],
        "moving": row.state == VersionState.CHECKING,
    }
    if getattr(request, "htmx", False):
        response = render(request, "policy/_checks.html", context)
        if not context["moving"]:
            response["HX-Refresh"] = "true"  # the state in the head, and what can be done now
        return response
    return render(request, "policy/version.html", context | _whole(row, user))


def _whole(row: RulesVersion, user: User) -> dict[str, Any]:
    """What the page shows beside the checks."""
    revision = decided_by().revision
    label, tone = _shown(row, revision)
    difference = compared(row)
    put = RulesInForce.objects.filter(version=row.pk).order_by("-id").defer("modules").first()
    return {
        "badge": {"label": label, "tone": tone},
        "files": [(one, _lines(one.lines)) for one in difference.files],
        "base_known": difference.base_known,
        "stale": row.state in OPEN_VERSIONS and row.base != revision,
        "put": put,
        "may_withdraw": row.author_id == user.pk and row.state in OPEN_VERSIONS,
        "may_roll_back": put is not None and row.revision != revision and can_change(user),
        "may_change": can_change(user),
        "crumbs": [
            {"label": _("Rules"), "url": reverse("policy:rules")},
            {"label": _("Versions"), "url": reverse("policy:versions")},
        ],
    }


@require_POST
@login_required
def withdraw(request: HttpRequest, version_id: uuid.UUID) -> HttpResponse:
    """Take the own proposal back."""
    services.withdraw_rules(by=_reader(request), version_id=version_id)
    messages.success(request, _("The proposal is taken back."))
    return redirect("policy:version", version_id)


@require_POST
@login_required
def propose_release(request: HttpRequest) -> HttpResponse:
    """Propose what the release ships."""
    row = services.propose_release(by=_reader(request))
    messages.success(request, _("The rules of this release are proposed. They are being checked."))
    return redirect(row)


@require_http_methods(["GET", "POST"])
@login_required
def roll_back(request: HttpRequest, in_force_id: int) -> HttpResponse:
    """Ask why, after a second factor; then put earlier rules in force again, at once."""
    user = _reader(request)
    check_change(user)
    row = get_object_or_404(RulesInForce.objects.defer("modules"), pk=in_force_id)
    if away := require_step_up(request):
        return away
    form = RollBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.roll_back_rules(by=user, in_force_id=row.pk, reason=form.cleaned_data["reason"])
        messages.success(request, _("The earlier rules decide again. Security and admins are told."))
        return redirect("policy:versions")
    context = {
        "row": row,
        "form": form,
        "name": _name(row, _numbers([row])),
        "crumbs": [{"label": _("Versions"), "url": reverse("policy:versions")}],
    }
    return render(request, "policy/roll_back.html", context, status=422 if form.errors else 200)


def _reader(request: HttpRequest) -> User:
    user = cast("User", request.user)
    check_read(user)
    return user


def _shown(row: RulesVersion, in_force: str) -> tuple[str, str]:
    """Its state in a word and a tone."""
    if row.state != VersionState.PUBLISHED:
        return row.get_state_display(), TONES.get(VersionState(row.state), "plain")
    if row.revision != in_force:
        return _("Published before"), "plain"
    return _("In force"), "ok"


def _lines(lines: Any) -> list[dict[str, str]]:
    return [{"kind": SIGNS.get(line.sign, "same"), "text": line.text} for line in lines]


def _history(revision: str) -> list[dict[str, Any]]:
    """What was in force, the newest first; what decides now cannot be gone back to."""
    rows = list(RulesInForce.objects.defer("modules").order_by("-id")[:HISTORY])
    numbers = _numbers(rows)
    return [{"row": row, "name": _name(row, numbers), "now": row.revision == revision} for row in rows]


def _numbers(rows: list[RulesInForce]) -> dict[uuid.UUID, int]:
    ids = [row.version for row in rows if row.version]
    return dict(RulesVersion.objects.filter(pk__in=ids).values_list("pk", "number"))


def _name(row: RulesInForce, numbers: dict[uuid.UUID, int]) -> str:
    number = numbers.get(row.version) if row.version else None
    return _("Version %(number)d") % {"number": number} if number else _("Rules of the release")
