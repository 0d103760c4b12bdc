"""Pages about apps for those who build and oversee them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import manifest as m
from catalog import selectors, services, words
from catalog.models import App, AppVersion
from catalog.permissions import can_build, can_change, can_retire, check_see
from catalog.specs import is_protected
from catalog.states import AppState, VersionState
from catalog.templates import Template, registry
from catalog.views.owners import section
from catalog.views.wizard import is_part, person
from catalog.vocabulary import vocabulary
from identity.errors import Missing

APP_TONES = {AppState.NEW: "plain", AppState.LIVE: "ok", AppState.RETIRED: "plain"}
VERSION_TONES = {
    VersionState.SUBMITTED: "info",
    VersionState.CHANGES: "warn",
    VersionState.LAUNCHING: "info",
    VersionState.LIVE: "ok",
    VersionState.REPLACED: "plain",
    VersionState.REFUSED: "stop",
    VersionState.WITHDRAWN: "plain",
    VersionState.FAILED: "stop",
}
KINDS = {"added": "added", "removed": "removed"}


@login_required
@require_GET
def my_apps(request: HttpRequest) -> HttpResponse:
    """Own apps and drafts, where each stands and what comes next."""
    user = person(request)
    page = Paginator(selectors.my_apps(user), selectors.PAGE_SIZE).get_page(request.GET.get("page"))
    drafts = Paginator(selectors.my_drafts(user), selectors.PAGE_SIZE).get_page(request.GET.get("drafts"))
    gone = selectors.withdrawn_templates()
    rows = [
        {
            "app": one,
            "badge": _badge(one),
            "next": _next(one),
            "flagged": _made_from(one.live_version) in gone,
        }
        for one in page
    ]
    context = {"page": page, "rows": rows, "drafts": drafts, "can_build": can_build(user)}
    return render(request, "catalog/my_apps.html", context)


@login_required
@require_GET
def app(request: HttpRequest, slug: str) -> HttpResponse:
    """One app: what it is, whose it is, its versions, where they stand, what holds its data."""
    user = person(request)
    shown = check_see(user, selectors.app_by_slug(slug))
    if is_part(request):
        return render(request, "catalog/_owners.html", section(request, shown))
    found = selectors.versions(shown)
    asked = selectors.requests_of(found)
    latest = shown.live_version or (selectors.version(shown, found[0].number) if found else None)
    known = vocabulary()
    template = registry().get(latest.template_id) if latest else None
    context = {
        "app": shown,
        "withdrawn": _withdrawn(latest, template) if latest else "",
        "badge": {"label": shown.get_state_display(), "tone": APP_TONES[AppState(shown.state)]},
        "versions": [
            {
                "version": one,
                "tone": VERSION_TONES[VersionState(one.state)],
                "request": asked.get(one.request) if one.request else None,
            }
            for one in found
        ],
        "latest": latest,
        "manifest": latest.parsed if latest else None,
        "template": template,
        "vocabulary": known,
        "rows": _fields(latest, known) if latest else [],
        "can_change": can_change(user, shown) and shown.state == AppState.LIVE,
        "can_retire": can_retire(user, shown) and shown.state != AppState.RETIRED,
        "run_url": reverse("runtime:home", args=[shown.slug]) if shown.state == AppState.LIVE else "",
        "audit_url": reverse("audit:app", args=[shown.pk]),
        **section(request, shown),
    }
    return render(request, "catalog/app.html", context)


@login_required
@require_GET
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version: its manifest, and what differs from the one before or from `?from=`."""
    user = person(request)
    shown = check_see(user, selectors.app_by_slug(slug))
    found = _version(shown, number)
    before = _before(shown, found, request.GET.get("from", ""))
    changes = m.diff(before.parsed, found.parsed) if before else []
    context = {
        "app": shown,
        "version": found,
        "tone": VERSION_TONES[VersionState(found.state)],
        "before": before,
        "lines": [
            {
                "kind": KINDS.get(one.code.rpartition(".")[2], "same"),
                "text": words.change(one),
                "tag": one.tag,
            }
            for one in changes
        ],
        "numbers": [one.number for one in selectors.versions(shown) if one.number != found.number],
        "can_restore": found.state in (VersionState.REPLACED, VersionState.FAILED)
        and can_change(user, shown),
    }
    return render(request, "catalog/version.html", context)


@login_required
@require_POST
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin, or go on with, the app's next version."""
    user = person(request)
    draft = services.start_change(by=user, app=check_see(user, selectors.app_by_slug(slug)))
    return redirect(draft)


@login_required
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the app out of service; the page has asked before."""
    user = person(request)
    gone = services.retire(by=user, app=check_see(user, selectors.app_by_slug(slug)))
    messages.success(request, _("“%(title)s” is retired.") % {"title": gone.title})
    return redirect(gone)


@login_required
@require_POST
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take an earlier version live again."""
    user = person(request)
    shown = check_see(user, selectors.app_by_slug(slug))
    services.rollback_to(by=user, version=_version(shown, number))
    messages.success(request, _("Version %(number)s is going live again.") % {"number": number})
    return redirect(shown)


def _made_from(version: AppVersion | None) -> tuple[str, str] | None:
    return (version.template_id, version.template_version) if version else None


def _withdrawn(version: AppVersion, template: Template | None) -> str:
    """The flag of an app whose template is no longer offered."""
    gone = selectors.withdrawal(version.template_id, version.template_version)
    title = template.title if template else version.template_id
    return words.withdrawn(f"{title} {version.template_version}", gone) if gone else ""


def _version(app: App, number: int) -> AppVersion:
    found = selectors.version(app, number)
    if found is None:
        raise Missing(_("This app has no version %(number)s.") % {"number": number})
    return found


def _before(app: App, found: AppVersion, wanted: str) -> AppVersion | None:
    if wanted.isdecimal() and len(wanted) < 9:
        return selectors.version(app, int(wanted))
    return selectors.version(app, found.number - 1) if found.number > 1 else None


def _badge(app: Any) -> dict[str, str]:
    if app.pending:
        state = VersionState(app.pending)
        if state != VersionState.FAILED or app.state != AppState.LIVE:
            return {"label": str(state.label), "tone": VERSION_TONES[state]}
    return {"label": app.get_state_display(), "tone": APP_TONES[AppState(app.state)]}


def _next(app: Any) -> str:
    """What the builder can do, or waits for."""
    match app.pending:
        case VersionState.SUBMITTED:
            return _("Version %(number)s waits for approval") % {"number": app.pending_number}
        case VersionState.CHANGES:
            return _("Change the draft and submit it again")
        case VersionState.LAUNCHING:
            return _("Version %(number)s is going live") % {"number": app.pending_number}
        case VersionState.FAILED if app.state != AppState.LIVE:
            return _("Look at why it could not go live")
    return _("Nothing to do") if app.state == AppState.LIVE else ""


def _fields(version: AppVersion, known: Any) -> list[dict[str, Any]]:
    stored = version.state == VersionState.LIVE
    return [
        {
            "field": field,
            "classification": known.classifications.get(field.classification),
            "region": known.regions.get(field.residency),
            # its class has become a protected one since it went live
            "in_clear": stored and field.id not in version.encrypted and is_protected(field, known),
        }
        for field in version.parsed.fields()
    ]
