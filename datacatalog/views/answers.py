"""What the catalog's pages have in common: who asks, and whether for the page or a part of it."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from identity.models import User

PAGE_SIZE = 25


def person(request: HttpRequest) -> User:
    return cast("User", request.user)


def is_part(request: HttpRequest) -> bool:
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def answer(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page, or the part of it that htmx swaps."""
    response = render(request, fragment if is_part(request) else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
