"""The way from a form of ours to a tenant's provider."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def onward(request: HttpRequest, response: HttpResponse, name: str) -> HttpResponse:
    """A page that goes where the redirect `response` would.

    CSP's `form-action` also governs redirects after a POST. Naming every tenant's provider there would tell
    all visitors who the customers are; a page that refreshes itself is no form.
    """
    if "Location" not in response:
        return response
    # nobody reads this page: messages wait for the one after
    context = {"url": response["Location"], "provider": name, "messages": []}
    page = render(request, "identity/onward.html", context)
    page["Cache-Control"] = "no-store"
    page.cookies = response.cookies  # a sign-in under way may be bound to one
    return page
