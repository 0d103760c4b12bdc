"""The inbox and the page on which a request is decided."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from approvals import selectors, services
from approvals import viewers as viewing
from approvals.approvables import labels
from approvals.evidence import Change, Evidence, changes_between
from approvals.forms import DecisionForm
from approvals.models import Request
from approvals.permissions import can_decide, can_name_viewers, check_see, why_not
from approvals.progress import LOSSES, loss_of
from approvals.selectors import Tab
from approvals.states import RequestState, Verdict
from identity.errors import BadInput, Missing
from identity.models import User
from identity.object_permissions import grant_id, grants_on

TONES = {
    RequestState.OPEN: "info",
    RequestState.CHANGES: "warn",
    RequestState.GRANTED: "ok",
    RequestState.REJECTED: "stop",
    RequestState.WITHDRAWN: "plain",
    RequestState.EXPIRED: "stop",
    RequestState.LAPSED: "plain",
}
LEVELS = {"green": "ok", "amber": "warn", "red": "stop"}
DONE = {
    Verdict.APPROVE: gettext_lazy("Your approval is recorded."),
    Verdict.REJECT: gettext_lazy("The request is rejected."),
    Verdict.CHANGES: gettext_lazy("The requester is asked for changes."),
}


@login_required
@require_GET
def inbox(http: HttpRequest) -> HttpResponse:
    """Requests by tab, with search, kind and pages."""
    user = _person(http)
    tab = _tab(http.GET.get("tab", ""))
    words, kind = (http.GET.get(name, "").replace("\x00", "").strip() for name in ("q", "kind"))
    rows = selectors.inbox(user, tab, words=words, kind=kind)
    page = Paginator(rows, selectors.PAGE_SIZE).get_page(http.GET.get("page"))
    kinds = labels()
    numbers = selectors.counts(user)
    context = {
        "tab": tab,
        "tabs": [
            {
                "label": each.label,
                "url": f"{reverse('approvals:inbox')}?tab={each.value}",
                "current": each == tab,
                "count": numbers[each],
            }
            for each in Tab
        ],
        "page": page,
        "rows": [(row, _badge(row), kinds.get(row.kind, row.kind)) for row in page],
        "pages": page.paginator.get_elided_page_range(page.number),
        "now": selectors.clock(),
        "kinds": kinds,
        "kind": kind,
        "words": words,
    }
    template = "approvals/_rows.html" if _is_part(http) else "approvals/inbox.html"
    return render(http, template, context)


@login_required
@require_GET
def show(http: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request: evidence, steps, story and, for who may, the decision."""
    return _page(http, _seen(http, request_id))


@login_required
@require_POST
def decide(http: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Take a vote; one that came too late is shown what changed, with its comment kept."""
    request = _seen(http, request_id)
    form = DecisionForm(http.POST)
    if not form.is_valid():
        if set(form.errors) - {"comment"}:
            raise BadInput(_("This form is incomplete. Reload the page and decide again."))
        return _page(http, request, form=form, status=400)
    sent = form.cleaned_data
    try:
        services.vote(
            by=_person(http),
            request_id=request.pk,
            verdict=Verdict(sent["verdict"]),
            comment=sent["comment"],
            digest=sent["digest"],
            key=sent["key"],
        )
    except services.Stale:
        return _stale(http, request, sent)
    messages.success(http, DONE[Verdict(sent["verdict"])])
    return redirect(request)


@login_required
@require_POST
def withdraw(http: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Take the own request back."""
    request = services.withdraw(by=_person(http), request_id=request_id)
    messages.success(http, _("Your request is withdrawn."))
    return redirect(request)


def _stale(http: HttpRequest, request: Request, sent: dict[str, Any]) -> HttpResponse:
    seen = selectors.evidence_seen(request, sent["digest"])
    services.refresh(by=None, request_id=request.pk)
    request.refresh_from_db()
    now = Evidence.parse(selectors.evidence_now(request).document)
    changes = changes_between(Evidence.parse(seen.document), now) if seen else []
    form = DecisionForm(initial=_fresh(request) | {"comment": sent["comment"]})
    return _page(http, request, form=form, changes=changes, stale=True, status=409)


@login_required
@require_POST
def viewers(http: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Let somebody else read the request, or no longer (`remove`: the id of the right)."""
    request = _seen(http, request_id)
    if gone := http.POST.get("remove"):
        viewing.remove_viewer(by=_person(http), request=request, grant=grant_id(gone))
    else:
        viewing.add_viewer(by=_person(http), request=request, name=http.POST.get("name", ""))
    return redirect(request)


def _page(
    http: HttpRequest,
    request: Request,
    *,
    form: DecisionForm | None = None,
    changes: list[Change] | None = None,
    stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    user = _person(http)
    stored = selectors.evidence_now(request)
    document = Evidence.parse(stored.document)
    context = {
        "request_shown": request,
        "badge": _badge(request),
        "kind_label": labels().get(request.kind, request.kind),
        "crumbs": [{"label": _("Approvals"), "url": reverse("approvals:inbox")}],
        "evidence": document,
        "stored": stored,
        "tone": LEVELS[document.recommendation.level],
        "steps": selectors.shown_steps(request),
        "story": selectors.story(request),
        "now": selectors.clock(),
        "may_decide": can_decide(user, request),
        "why_not": why_not(user, request),
        "loss": LOSSES.get(loss_of(request)) if request.is_live else None,
        "may_withdraw": request.is_live and request.requester_id == user.pk,
        "viewers": grants_on(request),
        "may_name": can_name_viewers(user, request),
        "form": form or DecisionForm(initial=_fresh(request)),
        "changes": changes or [],
        "stale": stale,
    }
    return render(http, "approvals/request.html", context, status=status)


def _fresh(request: Request) -> dict[str, Any]:
    """What a new form carries: the digest of what the page shows, and a key of its own."""
    return {"digest": request.digest, "key": uuid.uuid4()}


def _seen(http: HttpRequest, request_id: uuid.UUID) -> Request:
    request = Request.objects.select_related("requester__manager").filter(pk=request_id).first()
    if request is None:
        raise Missing(_("There is no such request, or you are not asked for it."))
    check_see(_person(http), request)
    return request


def _badge(request: Request) -> dict[str, str]:
    return {"label": request.get_state_display(), "tone": TONES[RequestState(request.state)]}


def _tab(name: str) -> Tab:
    return Tab(name) if name in Tab.values else Tab.WAITING


def _is_part(http: HttpRequest) -> bool:
    htmx: Any = getattr(http, "htmx", None)
    return bool(htmx and not htmx.boosted)


def _person(http: HttpRequest) -> User:
    assert isinstance(http.user, User)  # noqa: S101 - login_required came first
    return http.user
