"""The edges of a request: its id, and the one transaction that carries its tenant."""

import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.models import LoginSession
from identity.presence import presence_of, present
from identity.sessions import admin_until, check_limits
from identity.step_up import way_back
from identity.tenancy import tenant_scope
from ledger.context import Origin, current_source, source
from policy.pdp import denials_survive
from portal import errors

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """Names the request: in logs, in events, and in the answer's header for whoever asks for help."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request` under a fresh id; one sent by the caller is not trusted."""
        origin = Origin.WEB
        if request.path.startswith("/scim/"):
            origin = Origin.SCIM
        elif request.path.startswith(errors.PROGRAMS):
            origin = Origin.API
        with source(origin) as opened:
            response = self.get_response(request)
        response["X-Request-Id"] = opened.request
        return response


class SessionLimitMiddleware:
    """Ends a session that rested or lasted too long, says so, and leads back to where the person was (I5)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request`, or send its person to sign in again."""
        why = check_limits(request)
        if why is None:
            return self.get_response(request)
        texts = {
            LoginSession.End.IDLE: _("You were signed out because you had not used the portal for a while."),
            LoginSession.End.EXPIRED: _("You were signed out because your session had lasted long enough."),
        }
        messages.info(request, texts[why])
        after = way_back(request)
        address = f"{reverse('sign-in')}?{urlencode({'next': after})}"
        if getattr(request, "htmx", False):
            return HttpResponse(headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)


class TenantMiddleware:
    """One request, one transaction, one tenant.

    Whatever a view raises rolls everything back, Django's Http404 and PermissionDenied included; denials
    survive. The page that tells of a domain error is made afterwards in a fresh transaction. What the
    person's session and connection show is set beside the tenant, for whatever is decided
    (identity/presence.py).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request` with the signed-in person's tenant set; without one nothing is seen."""
        if current_source().origin is Origin.SCIM:  # a client's token counts there, no cookie
            return self.get_response(request)
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if admin_until(request):
            user.breaks_glass = True
        with present(presence_of(request)):
            return self._answer(request, user.tenant_id)

    def _answer(self, request: HttpRequest, tenant: uuid.UUID) -> HttpResponseBase:
        with denials_survive(), tenant_scope(tenant):
            response = self.get_response(request)
            raised = getattr(request, "_raised", None)
            if raised is not None or response.status_code >= 500:
                transaction.set_rollback(True)
        if raised is None or not errors.is_domain_error(raised):
            return response
        with tenant_scope(tenant):
            return errors.respond(request, raised)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Keep a domain error until its transaction is gone; to others Django has the answer."""
        request._raised = exception  # type: ignore[attr-defined]
        if not errors.is_domain_error(exception):
            return None
        if not request.user.is_authenticated:
            return errors.respond(request, exception)
        return HttpResponse(status=500)  # never sent: __call__ answers after the roll-back
