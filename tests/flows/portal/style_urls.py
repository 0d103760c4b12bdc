"""The addresses of the style tests: the style page and an error of each kind, raised for real."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from portal import errors, styleguide
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401

REASONS = [
    {
        "text": "EU personal data may not leave the region without an approval.",
        "remedy": "Ask two people to approve this export, or leave out work_email.",
        "code": "residency.cross_region_export",
    }
]


def raises(request: HttpRequest, status: int) -> HttpResponse:
    """What the portal answers for `status`."""
    if status == 400:
        raise BadRequest
    if status == 403:
        raise PermissionDenied
    if status == 500:
        raise RuntimeError("a fault of ours")
    return errors.page(request, status)


def refuse(request: HttpRequest) -> HttpResponse:
    """A decision that said no."""
    decision = {"id": "0198c1d2-7d10-7c55-9a30-52f1b7a3e001", "revision": "42", "denials": REASONS}
    return render(request, "errors/refused.html", {"decision": decision, "status": 403}, status=403)


urlpatterns = [
    path("style/", styleguide.style),
    path("refused/", refuse),
    path("error/<int:status>/", raises),
    path("audit/", include("audit.urls")),  # where a refusal is explained
]
