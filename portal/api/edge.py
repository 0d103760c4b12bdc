"""Who calls the API. Cookies are worth nothing there, and tokens nothing elsewhere (ADR 0065)."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from identity.bearer import BearerRefused, authenticate, note_use
from identity.tenancy import tenant_scope
from portal import errors

GetResponse = Callable[[HttpRequest], HttpResponseBase]
ROOT = "/api/"
SIGNALS = "/api/signals/"  # transmitters of security events; each stream has a token of its own
# what a program asks before it has a token
OPEN = frozenset({"/api/v1/openapi.json", "/api/v1/device/authorize", "/api/v1/device/token"})


class NoCookiesMiddleware:
    """Before the session is read: a browser's session neither helps nor harms a program's call."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request`, a program's call as if it had come without cookies."""
        if request.path.startswith(errors.PROGRAMS):
            request.COOKIES.clear()
        return self.get_response(request)


class BearerMiddleware:
    """Sets the token and, as the request's person, its owner; whose tenant TenantMiddleware then sets."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request`; a call of the API without a good token gets a challenge (RFC 6750, 3)."""
        if not request.path.startswith(ROOT) or request.path in OPEN or request.path.startswith(SIGNALS):
            return self.get_response(request)
        try:
            token = authenticate(request)
        except BearerRefused as refused:
            return errors.respond(request, refused)
        with tenant_scope(token.tenant_id):
            note_use(token)
        request.token = token  # type: ignore[attr-defined]
        request.user = token.owner
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
