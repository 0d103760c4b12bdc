"""The person's own notices."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from identity.models import User
from notices import selectors, services


@login_required
@require_GET
def inbox(http: HttpRequest) -> HttpResponse:
    """What the person was told, newest first."""
    user = _person(http)
    page = Paginator(selectors.notices_of(user), selectors.PAGE_SIZE).get_page(http.GET.get("page"))
    pages = page.paginator.get_elided_page_range(page.number)
    context = {"page": page, "pages": pages, "unread": selectors.unread(user)}
    return render(http, "notices/inbox.html", context)


@login_required
@require_POST
def read_all(http: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    services.read_all(by=_person(http))
    return redirect("notices:inbox")


def _person(http: HttpRequest) -> User:
    assert isinstance(http.user, User)  # noqa: S101 - login_required came first
    return http.user
