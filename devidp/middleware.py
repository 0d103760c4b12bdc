"""Headers of every page."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from devidp import settings


class ContentSecurityPolicy:
    """No scripts at all, own styles, and forms that may end at the client: `form-action` also
    governs the redirects that answer a form, and choosing a person ends at the redirect URI.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        uris = [*settings.REDIRECT_URIS, *settings.POST_LOGOUT_REDIRECT_URIS]
        clients = sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, uris)})
        self.policy = (
            "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action 'self' {' '.join(clients)}"
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Content-Security-Policy"] = self.policy
        response.setdefault("Cache-Control", "no-store")
        return response
