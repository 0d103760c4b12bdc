"""What the API offers, declared once: the addresses, the scopes and the OpenAPI document come from here."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from identity.bearer import check_scope

Answer = Mapping[str, Any]
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One method at one address. `scope` is what the token needs, "" for any token, None for no token."""

    method: str
    path: str
    name: str
    summary: str
    scope: str | None
    answer: Schema
    body: Schema | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)
    status: int = 200


def view_of(operation: Operation, act: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """The view of `operation`: method and scope checked, its answer as JSON. No cookie counts, so no CSRF."""

    @csrf_exempt
    @functools.wraps(act)
    def view(request: HttpRequest, **parts: Any) -> HttpResponse:
        if request.method != operation.method and not (
            operation.method == "GET" and request.method == "HEAD"
        ):
            return HttpResponse(status=405, headers={"Allow": operation.method})
        if operation.scope is not None:
            check_scope(request.token, operation.scope)  # type: ignore[attr-defined]
        return JsonResponse(act(request, **parts), status=operation.status)

    return view
