"""What every address of the endpoint does: authenticate the client, enter its tenant, answer in SCIM."""

import json
import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import (
    Error,
    ForbiddenException,
    InvalidSyntaxException,
    InvalidValueException,
    NotFoundException,
    NotImplementedException,
    PayloadTooLargeException,
    SCIMException,
    UniquenessException,
)

from identity.errors import BadInput, Conflict
from identity.models import ScimClient
from identity.scim.auth import client_of
from identity.scim.resources import CONFIG, PROVIDER
from identity.tenancy import tenant_scope

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/scim+json"


@method_decorator(csrf_exempt, name="dispatch")  # no cookie counts here, so none can be abused
class ScimView(View):
    """One client, one tenant, one transaction; every failure is a SCIM error body."""

    client: ScimClient

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.client = client_of(request)
            with tenant_scope(self.client.tenant_id), PROVIDER:
                return super().dispatch(request, *args, **kwargs)
        except (SCIMException, ValidationError, BadInput, Conflict, RequestDataTooBig) as error:
            return answer(*_told(error))
        except Exception:
            logger.exception("SCIM request failed")
            return answer(Error(status=500, detail="The portal failed; nothing was changed."), 500)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return answer(Error(status=405, detail=f"{request.method} is not offered here."), 405)

    def body(self) -> dict[str, Any]:
        """The request's JSON object.

        Raises:
            InvalidSyntaxException: it is none.
        """
        try:
            content = json.loads(self.request.body)
        except ValueError as error:
            raise InvalidSyntaxException(detail="The body is not JSON.") from error
        if not isinstance(content, dict):
            raise InvalidSyntaxException(detail="The body is not a JSON object.")
        return content


def _told(error: Exception) -> tuple[Error, int]:
    """The SCIM error and its status (RFC 7644, 3.12)."""
    if isinstance(error, ValidationError):
        first = Error.from_validation_errors(error)[0]
        return first, int(first.status or 400)
    if isinstance(error, Conflict):
        error = UniquenessException(detail=error.message)
    elif isinstance(error, BadInput):
        error = InvalidValueException(detail=error.message)
    elif not isinstance(error, SCIMException):
        error = PayloadTooLargeException()
    return error.to_error(), error.status


def answer(content: Any, status: int = 200) -> HttpResponse:
    """A SCIM message or resource as the response; a refused token is told how to come back."""
    response = JsonResponse(content.model_dump(), status=status, content_type=CONTENT_TYPE)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="scim"'
    return response


class NotOffered(ScimView):
    """What ServiceProviderConfig says is not supported."""

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        raise NotImplementedException

    post = put = patch = delete = get


class NotFound(ScimView):
    """Every other address."""

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        raise NotFoundException

    post = put = patch = delete = get


class Discovery(ScimView):
    """Schemas, ResourceTypes and ServiceProviderConfig, from the same classes that do the work."""

    def get(self, request: HttpRequest, kind: str, name: str = "") -> HttpResponse:
        if "filter" in request.GET:
            raise ForbiddenException(detail="Discovery cannot be filtered.")  # RFC 7644, section 4
        if kind == "ServiceProviderConfig":
            return answer(CONFIG)
        listed: list[Any] = list(PROVIDER.schemas if kind == "Schemas" else PROVIDER.resource_types)
        if name:
            found = [item for item in listed if str(item.id).lower() == name.lower()]
            if not found:
                raise NotFoundException
            return answer(found[0])
        return JsonResponse(
            {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": len(listed),
                "itemsPerPage": len(listed),
                "startIndex": 1,
                "Resources": [item.model_dump() for item in listed],
            },
            content_type=CONTENT_TYPE,
        )
