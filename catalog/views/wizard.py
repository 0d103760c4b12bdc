"""The wizard's pages: parse, call a service, show. What a step reads and shows is in catalog/steps.py."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from catalog import content as drafting
from catalog import selectors, services, steps, wizard
from catalog.importing import field_from, grouped
from catalog.models import Draft
from catalog.permissions import check_build, check_draft
from catalog.review import Review
from catalog.states import DraftState
from datacatalog.selectors import fields_by_id, search_fields
from identity.errors import BadInput
from identity.models import User

GO_ON, BACK = "continue", "back"


@login_required
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Templates to choose from and drafts to go on with; a choice starts a draft."""
    user = person(request)
    check_build(user)
    if request.method == "POST":
        draft = services.start_draft(by=user, template_id=request.POST.get("template", ""))
        return redirect("catalog:step", draft.pk, wizard.FIRST)
    context = {"templates": selectors.offered_templates(), "drafts": selectors.my_drafts(user)[:10]}
    return render(request, "catalog/begin.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, draft_id: uuid.UUID, key: str) -> HttpResponse:
    """One step: shown whole, or saved and shown again in part."""
    if key not in wizard.BY_KEY:
        raise Http404
    user = person(request)
    draft = check_draft(user, selectors.draft(draft_id))
    if draft.state == DraftState.SUBMITTED and draft.version is not None:
        return redirect(draft.version.app)
    if request.method == "POST":
        return _save(request, user, draft, key)
    return render(request, "catalog/wizard/page.html", _context(request, Review(draft, user), key))


def _save(request: HttpRequest, user: User, draft: Draft, key: str) -> HttpResponse:
    do = request.POST.get("do", "")
    if key == "submit" and do == "submit":
        return _submit(request, user, draft)
    before, after = wizard.neighbours(key)
    target = {GO_ON: after, BACK: before}.get(do)
    entry = steps.read(key, request.POST, Review(draft, user))
    draft = services.save_draft(
        by=user,
        draft_id=draft.pk,
        revision=_number(request.POST.get("revision", "")),
        editor=_editor(request.POST.get("editor", "")),
        content=entry.content,
        step=target or key,
    )
    if target:
        return _go(request, reverse("catalog:step", args=[draft.pk, target]))
    if not is_part(request):
        return redirect("catalog:step", draft.pk, key)
    context = _context(request, Review(draft, user), key, entry.errors)
    return render(request, "catalog/wizard/_step.html", context)


def _submit(request: HttpRequest, user: User, draft: Draft) -> HttpResponse:
    number = _number(request.POST.get("revision", ""))
    made = services.submit_version(by=user, draft_id=draft.pk, revision=number)
    if made.launching_at is not None:
        messages.success(request, _("“%(title)s” is going live.") % {"title": made.app.title})
    else:
        messages.success(request, _("“%(title)s” is submitted for approval.") % {"title": made.app.title})
    return _go(request, made.app.get_absolute_url())


@login_required
@require_POST
def discard(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Throw a draft away; the page has asked before."""
    services.discard_draft(by=person(request), draft_id=draft_id)
    messages.success(request, _("The draft is discarded."))
    return redirect("catalog:my-apps")


@login_required
@require_http_methods(["GET", "POST"])
def take_fields(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Search the data catalog and take fields of it into the draft."""
    user = person(request)
    draft = check_draft(user, selectors.draft(draft_id))
    words = request.POST.get("q", request.GET.get("q", "")).replace("\x00", "").strip()
    if request.method == "POST":
        chosen = fields_by_id(filter(None, map(as_uuid, request.POST.getlist("field"))))
        if not chosen:
            raise BadInput(_("Choose at least one field."))
        review = Review(draft, user)
        taken = [field_from(row, review.template, review.words) for row in chosen.values()]
        content = drafting.add_fields(draft.content, taken)
        services.save_draft(
            by=user, draft_id=draft.pk, revision=draft.revision, editor=uuid.uuid4(), content=content
        )
        text = ngettext("%(count)s field was added.", "%(count)s fields were added.", len(chosen))
        messages.success(request, text % {"count": len(chosen)})
        return redirect("catalog:step", draft.pk, "fields")
    present = {one["source"]["field"] for one in _fields(draft) if one["source"]}
    found = search_fields(words) if words else []
    context = {"draft": draft, "words": words, "groups": grouped(found), "taken": present}
    template = "catalog/wizard/_found.html" if is_part(request) else "catalog/wizard/import.html"
    return render(request, template, context)


def _context(
    request: HttpRequest, review: Review, key: str, errors: steps.Errors | None = None
) -> dict[str, Any]:
    post = request.POST if request.method == "POST" else None
    shown, draft = wizard.BY_KEY[key], review.draft
    before, after = wizard.neighbours(key)
    return {
        "draft": draft,
        "review": review,
        "step": shown,
        "steps": wizard.progress(draft, key, review.blocked),
        "editor": request.POST.get("editor") or str(uuid.uuid4()),
        "panel": review.panel(),
        "before": before,
        "after": after,
        "vocabulary": review.words,
        **steps.SHOW[key](review, post, errors or {}),
    }


def _fields(draft: Draft) -> list[dict[str, Any]]:
    return [field for dataset in draft.content["datasets"] for field in dataset["fields"]]


def _go(request: HttpRequest, url: str) -> HttpResponse:
    """To another page: htmx is told by a header, since it would swap what a redirect leads to."""
    if not is_part(request):
        return redirect(url)
    response = HttpResponse(status=200)
    response["HX-Redirect"] = url
    return response


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted


def _number(text: str) -> int:
    """A revision; what is none is none that was ever given out."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _editor(text: str) -> uuid.UUID:
    return as_uuid(text) or uuid.uuid4()


def as_uuid(text: str) -> uuid.UUID | None:
    """The id in `text`, if it is one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def person(request: HttpRequest) -> User:
    """The signed-in person; login_required has seen to it that there is one."""
    assert isinstance(request.user, User)  # noqa: S101 - tells the type checker
    return request.user
