"""Authentication requests under way: each is answered once, soon, and in the browser that it left from.

The portal's session cookie is SameSite=Lax, which a browser leaves out of the provider's cross-site POST.
So each request has a cookie of its own, SameSite=None and Secure, whose hash is kept with it; and what the
POST brought is taken up by a GET to a page of ours, which the session's cookie comes with (ADR 0069).
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from identity.answers import SignInRefused, StepUp
from identity.models import SamlRequest
from identity.providers import Provider

SECONDS = 600  # to sign in at the provider
FINISH_SECONDS = 120  # from its answer to our page
KEPT = timedelta(hours=2)
COOKIE = "saml_"
COOKIE_PATH = "/sign-in/saml/"
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def send(
    provider: Provider, request_id: str, *, next_url: str, step_up: StepUp | None, is_test: bool
) -> tuple[SamlRequest, str]:
    """Remember the request `request_id`; returns it with the value of the browser's cookie."""
    assert provider.id  # noqa: S101 - the deployment's own provider speaks OpenID Connect
    now = timezone.now()
    SamlRequest.objects.filter(expires_at__lt=now - KEPT).delete()
    cookie = secrets.token_urlsafe(32)
    row = SamlRequest.objects.create(
        provider_id=provider.id,
        request_id=request_id,
        browser_hash=_hash(cookie),
        next=next_url,
        acr_values=list(step_up.acr_values) if step_up else [],
        max_age=step_up.max_age if step_up else None,
        is_test=is_test,
        expires_at=now + timedelta(seconds=SECONDS),
    )
    return row, cookie


def set_cookie(response: HttpResponse, row: SamlRequest, cookie: str) -> None:
    """Give the browser the secret half of the request."""
    response.set_cookie(
        _cookie_name(row.request_id),
        cookie,
        max_age=SECONDS,
        path=COOKIE_PATH,
        secure=True,  # browsers take it on loopback too, and SameSite=None on no other terms
        httponly=True,
        samesite="None",
    )


def claim(request: HttpRequest, provider: Provider, request_id: str) -> SamlRequest:
    """The request that `request` brings the first answer to; no other answer is taken from now on, whatever
    becomes of this one.

    Raises:
        SignInRefused: "state": nobody asked, or another browser, or too long ago, or it was answered.
    """
    now = timezone.now()
    rows = _of_browser(request, provider, request_id).filter(answered_at=None, expires_at__gt=now)
    if not rows.update(answered_at=now):
        raise SignInRefused("state")
    return SamlRequest.objects.get(request_id=request_id)


def keep_answer(row: SamlRequest, assertion_id: str, answer: Mapping[str, Any]) -> None:
    """Keep what was checked until the browser comes for it.

    Raises:
        SignInRefused: the assertion was used before.
    """
    row.assertion_hash = _hash(assertion_id)
    row.answer = dict(answer)
    try:
        with transaction.atomic():
            row.save(update_fields=["assertion_hash", "answer"])
    except IntegrityError as error:
        raise SignInRefused("token", detail="assertion used before") from error


@transaction.atomic
def take_answer(
    request: HttpRequest, provider: Provider, request_id: str
) -> tuple[SamlRequest, dict[str, Any]]:
    """The request and its checked answer, this once.

    Raises:
        SignInRefused: "state": there is none for this browser, or not any more.
    """
    since = timezone.now() - timedelta(seconds=FINISH_SECONDS)
    rows = _of_browser(request, provider, request_id).filter(answered_at__gt=since)
    row = rows.select_for_update().first()
    if row is None or row.answer is None:
        raise SignInRefused("state")
    answer: dict[str, Any] = row.answer
    rows.update(answer=None)
    return row, answer


def forget_cookie(response: HttpResponse, request_id: str) -> HttpResponse:
    """`response`, which takes the cookie away."""
    response.delete_cookie(_cookie_name(request_id), path=COOKIE_PATH, samesite="None")
    return response


def _of_browser(request: HttpRequest, provider: Provider, request_id: str) -> "QuerySet[SamlRequest]":
    cookie = request.COOKIES.get(_cookie_name(request_id), "")
    if not cookie or not _ID.fullmatch(request_id):
        return SamlRequest.objects.none()
    return SamlRequest.objects.filter(
        provider_id=provider.id, request_id=request_id, browser_hash=_hash(cookie)
    )


def _cookie_name(request_id: str) -> str:
    """One a request, so that two tabs do not disturb each other."""
    return COOKIE + hashlib.sha256(request_id.encode()).hexdigest()[:16]


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
