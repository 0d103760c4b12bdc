"""The one place where a domain error becomes a page, a fragment or problem+json (RFC 9457)."""

import logging
import sys
from http import HTTPStatus

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from identity.bearer import BearerRefused
from identity.errors import DomainError, TooMany
from identity.step_up import contexts_of
from ledger.context import current_source
from policy.decision import Decision
from policy.errors import Refused, StepUpNeeded
from policy.selectors import rules_in_force
from portal import step_up

logger = logging.getLogger(__name__)

PROGRAMS = ("/api/", "/opa/")  # addresses for programs: they read JSON, and no cookie counts there

STATUS_OF_DJANGO: dict[type[Exception], int] = {
    Http404: 404,
    PermissionDenied: 403,
    RequestDataTooBig: 413,
    BadRequest: 400,
    SuspiciousOperation: 400,
}


def is_domain_error(error: Exception) -> bool:
    """Whether `respond` knows what to say of it."""
    return isinstance(error, DomainError)


def respond(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to `request` after `error`; the caller has rolled back."""
    assert isinstance(error, DomainError)  # noqa: S101 - is_domain_error came first
    if isinstance(error, StepUpNeeded):
        try:
            return challenge(request, error) if wants_json(request) else step_up.send(request, error)
        except DomainError as failed:
            error = failed
    more: dict[str, object] = {}
    if isinstance(error, Refused):
        more["decision"] = error.decision
        if error.status == 403:
            conditions = error.decision.refused_by_conditions
            more |= {"template": "errors/conditions.html" if conditions else "errors/refused.html"}
            more |= {"condition": conditions, "ask_url": _ask_url(error.decision)}
    response = page(request, error.status, message=error.message, code=error.code, **more)
    if isinstance(error, BearerRefused):
        response["WWW-Authenticate"] = error.header
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def _ask_url(decision: Decision) -> str:
    """Where an exception is asked for from this refusal, if a rule that knows them stood in the way."""
    known = rules_in_force()
    waivable = any(reason.code in known and known[reason.code][0].waivable for reason in decision.denials)
    return reverse("exception-ask", args=[decision.id]) if waivable and decision.app else ""


def challenge(request: HttpRequest, needed: StepUpNeeded) -> HttpResponse:
    """What a caller of the API is told to bring: a token of a stronger or fresher sign-in (RFC 9470, 3).

    Also for whoever catches StepUpNeeded elsewhere; the text is for programs and stays English.
    """
    response = page(request, 401, message=needed.message, code="insufficient_user_authentication")
    parts = {"error": "insufficient_user_authentication"}
    parts["error_description"] = "A different authentication level is required"
    values = needed.acr_values or contexts_of(request)
    if values:
        parts["acr_values"] = " ".join(values)
    if needed.max_age is not None:
        parts["max_age"] = str(needed.max_age)
    told = ", ".join(f'{name}="{_quoted(value)}"' for name, value in parts.items())
    response["WWW-Authenticate"] = f"Bearer {told}"
    return response


def _quoted(text: str) -> str:
    """Inside a quoted-string (RFC 9110, 5.6.4); what is no plain ASCII cannot be told in a header."""
    plain = "".join(char for char in text if " " <= char <= "~")
    return plain.replace("\\", "\\\\").replace('"', '\\"')


def page(
    request: HttpRequest, status: int, *, message: str = "", code: str = "", **more: object
) -> HttpResponse:
    """An error in the form that the caller reads: problem+json, htmx fragment or page."""
    context = {"status": status, "message": message, "code": code, **more}
    context["request_id"] = current_source().request
    if wants_json(request):
        problem = {"type": f"urn:microapps:error:{code or status}", "status": status}
        problem |= {"title": titles()[status], "detail": message, "request": context["request_id"]}
        if isinstance(decision := more.get("decision"), Decision):
            problem |= {"decision": str(decision.id), "reasons": decision.for_people()}
            problem["instance"] = reverse("audit:decision", args=[decision.id])
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    template = str(more.get("template") or f"errors/{status}.html")
    if getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
        template = "errors/_fragment.html"
        context["title"] = titles()[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # the page's frame may need what is away
        return HttpResponse(render_to_string(template, context), status=status)
    return render(request, template, context, status=status)


def wants_json(request: HttpRequest) -> bool:
    """Addresses for programs always; elsewhere whoever asks for JSON before HTML."""
    if request.path.startswith(PROGRAMS):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def titles() -> dict[int, str]:
    """What each status is called, in the reader's language."""
    return {
        400: _("This could not be understood"),
        401: _("Sign in first"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("This has changed meanwhile"),
        413: _("Too large"),
        429: _("Too many requests"),
        500: _("Something went wrong"),
        503: _("Not available right now"),
    }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400; the exception's own text may tell of internals and is not shown."""
    status = next((code for kind, code in STATUS_OF_DJANGO.items() if isinstance(exception, kind)), 400)
    return page(request, status)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler403."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler404."""
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: no context, no database, nothing that could fail again.

    Where the database or Redis is away that is said, and not that something went wrong.
    """
    status = 503 if isinstance(sys.exception(), OperationalError | RedisError) else 500
    return page(request, status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came without its token: old tab, signed out meanwhile, or not from here."""
    logger.info("CSRF check failed: %s", reason)
    return page(
        request,
        403,
        message=_("This form is out of date. Go back, reload the page and send it again."),
        code="csrf",
    )
