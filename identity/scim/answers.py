"""Answers in SCIM's own form."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse

from identity.scim.errors import Told

CONTENT_TYPE = "application/scim+json"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def answer(content: Mapping[str, Any], status: int = 200, **headers: str) -> HttpResponse:
    """JSON with SCIM's content type."""
    response = JsonResponse(dict(content), status=status, content_type=CONTENT_TYPE)
    for name, value in headers.items():
        response[name] = value
    return response


def refusal(refused: Told) -> HttpResponse:
    """A SCIM error body, with the headers that HTTP asks for beside its status."""
    response = answer(refused.error.model_dump(), refused.status)
    for name, value in refused.headers.items():
        response[name] = value
    return response


def listed(resources: list[Any], total: int, start: int) -> HttpResponse:
    """A ListResponse (RFC 7644, 3.4.2)."""
    page = {"schemas": [LIST], "totalResults": total, "startIndex": start, "itemsPerPage": len(resources)}
    return answer(page | {"Resources": resources})
