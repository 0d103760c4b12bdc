"""The edges of a request: its id, and the one transaction that carries its tenant."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from identity.tenancy import tenant_scope
from ledger.context import Origin, current_source, source
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
        elif request.path.startswith("/api/"):
            origin = Origin.API
        with source(origin) as opened:
            response = self.get_response(request)
        response["X-Request-Id"] = opened.request
        return response


class TenantMiddleware:
    """One request, one transaction, one tenant.

    An error rolls everything back. The page that tells of it is made afterwards in a fresh
    transaction, where a denial that went down with the first is written again.
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
        with tenant_scope(user.tenant_id):
            response = self.get_response(request)
            if getattr(request, "_domain_error", None) or response.status_code >= 500:
                transaction.set_rollback(True)
        error = getattr(request, "_domain_error", None)
        if error is None:
            return response
        with tenant_scope(user.tenant_id):
            return errors.respond(request, error)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Keep a domain error until its transaction is gone; others are Django's."""
        if not errors.is_domain_error(exception):
            return None
        if not request.user.is_authenticated:
            return errors.respond(request, exception)
        request._domain_error = exception  # type: ignore[attr-defined]
        return HttpResponse(status=500)  # never sent: __call__ answers after the roll-back
