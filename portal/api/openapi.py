"""The OpenAPI 3.1 document, made from the operations, so that it cannot drift from what is done."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from portal.api.operations import Operation

PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")
PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request": {"type": "string"},
        "decision": {"type": "string"},
        "reasons": {"type": "array"},
    },
    "required": ["type", "title", "status"],
}


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document (OpenAPI 3.1.0)."""
    paths: dict[str, Any] = {}
    for one in operations:
        address = "/" + PLACEHOLDER.sub(r"{\1}", one.path)
        paths.setdefault(address, {})[one.method.lower()] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Micro Apps", "version": "1"},
        "servers": [{"url": f"{settings.BASE_URL}/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(one: Operation) -> dict[str, Any]:
    placed = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PLACEHOLDER.findall(one.path)
    ]
    asked = [{"name": name, "in": "query", "schema": schema} for name, schema in one.query.items()]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [*placed, *asked],
        "responses": {
            str(one.status): {"description": "Done", "content": _json(one.answer)},
            "default": {"description": "Refused or failed (RFC 9457)", "content": problem},
        },
    }
    if one.body is not None:
        told["requestBody"] = {"required": True, "content": _json(one.body)}
    if one.scope is not None:
        # scopes of a bearer scheme are information (OpenAPI 3.1, Security Requirement Object)
        told["security"] = [{"token": [str(one.scope)] if one.scope else []}]
    return told


def _json(properties: Any) -> dict[str, Any]:
    return {"application/json": {"schema": {"type": "object", "properties": properties}}}


def document_view(operations: Sequence[Operation]) -> Callable[[HttpRequest], HttpResponse]:
    """Serves the document to anyone: it tells nothing of a tenant."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        return JsonResponse(document(operations))

    return view
