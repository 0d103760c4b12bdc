"""A person's own sessions and tokens: seen, made and ended."""

import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from identity import services
from identity.errors import Missing, NotAllowed
from identity.forms import TokenForm
from identity.models import AccessToken, LoginSession, Role, Scope, User
from identity.roles import roles_of
from identity.sessions import BREAK_GLASS, context_of, this_login

PAGE_SIZE = 25
LATELY = timedelta(days=30)


@never_cache
@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """The person's sessions: the open ones, and those that ended lately."""
    rows = LoginSession.objects.filter(user=_person(request))
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=timezone.now() - LATELY))
    page = Paginator(rows.order_by("ended_at", "-seen_at", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    here = this_login(request).first()
    others = rows.filter(ended_at=None).exclude(pk__in=this_login(request)).exists()
    context = {"page": page, "here": here, "others": others}
    return render(request, "identity/sessions.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest, login_id: uuid.UUID) -> HttpResponse:
    """End one of the person's own sessions."""
    user = _person(request)
    one = LoginSession.objects.filter(user=user, pk=login_id)
    if not one.exists():
        raise Missing(_("There is no such session, or it is not yours."))
    services.end_logins(by=user, logins=one, end=LoginSession.End.PERSON)
    messages.success(request, _("The session has ended."))
    return redirect("sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End all of the person's sessions but this one."""
    user = _person(request)
    others = LoginSession.objects.filter(user=user, ended_at=None).exclude(pk__in=this_login(request))
    ended = services.end_logins(by=user, logins=others, end=LoginSession.End.PERSON)
    text = ngettext("%(n)d other session has ended.", "%(n)d other sessions have ended.", ended)
    messages.success(request, text % {"n": ended})
    return redirect("sessions")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The person's tokens; a new one is shown on the answer to its form and nowhere again."""
    user = _person(request)
    offer_service = bool(roles_of(user) & {Role.BUILDER, Role.ADMIN})
    sent = request.POST if request.method == "POST" else None
    form = TokenForm(sent, offer_service=offer_service)
    if request.method == "POST" and form.is_valid():
        made, token = services.issue_token(
            by=user, proof=_proof(request), login=this_login(request).first(), **form.values()
        )
        return render(request, "identity/token_made.html", {"made": made, "token": token})
    rows = AccessToken.objects.filter(owner=user)
    page = Paginator(rows.order_by("-created_at", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "scopes": dict(Scope.choices), "now": timezone.now()}
    return render(request, "identity/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: uuid.UUID) -> HttpResponse:
    """Revoke one of the person's own tokens."""
    services.revoke_token(by=_person(request), token_id=token_id)
    messages.success(request, _("The token is revoked."))
    return redirect("tokens")


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


def _proof(request: HttpRequest) -> dict[str, Any]:
    """How the person signed in.

    Raises:
        NotAllowed: by break-glass, whose right must not outlive its time box.
    """
    context = context_of(request)
    if context is None or context.issuer == BREAK_GLASS:
        raise NotAllowed(_("Only a session that your provider began can make tokens."))
    return asdict(context)
