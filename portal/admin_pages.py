"""Pages of the portal that are an admin's alone, behind the same door as Django admin."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from identity.models import User
from identity.permissions import check_administer
from portal.conditions import check_admin

View = Callable[..., HttpResponse]


def admin_page(view: View) -> View:
    """Signed in, role admin, access rules met; in this order, and never from a cache."""

    @never_cache
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        check_administer(person(request))
        check_admin(request)
        return view(request, *args, **kwargs)

    return guarded


def person(request: HttpRequest) -> User:
    """Who asks; the door has seen to it that it is somebody."""
    return cast("User", request.user)


def words_of(request: HttpRequest) -> str:
    """What is searched for: PostgreSQL takes no NUL, and nobody is called by more than a line."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:200]
