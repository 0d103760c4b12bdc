"""What every address of the endpoint does: authenticate the client, enter its tenant, answer in SCIM."""

import logging
import time
import uuid
from typing import Any

from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django_scim.settings import scim_settings
from django_scim.views import SCIMView
from psycopg.errors import DeadlockDetected, SerializationFailure
from scim2_models import ForbiddenException, NotFoundException, NotImplementedException

from identity.models import ScimClient
from identity.scim.answers import answer, listed, refusal
from identity.scim.auth import limit
from identity.scim.errors import MethodNotAllowed, Told, told
from identity.scim.payload import parsed
from identity.scim.provider import CONFIG, PROVIDER
from identity.services import CallNote, note_scim_call
from identity.tenancy import tenant_scope

logger = logging.getLogger(__name__)
ATTEMPTS = 4


class ScimView(SCIMView):  # type: ignore[misc]
    """One client, one tenant, one transaction; every failure is a SCIM error body.

    Of django-scim2's view the settings' getters are left. Its dispatch answers errors inside of the
    transaction, which would keep what was done before them.
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    kind = ""
    about: uuid.UUID | None = None
    client: ScimClient

    @method_decorator(csrf_exempt)  # no cookie counts here, so none can be abused
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in by AUTH_CHECK_MIDDLEWARE alone, then answered."""
        response: HttpResponseBase = scim_settings.AUTH_CHECK_MIDDLEWARE(self._answered)(
            request, *args, **kwargs
        )
        return response

    def _answered(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.client = request.scim_client  # type: ignore[attr-defined]
        self.started = time.perf_counter()
        for attempt in range(ATTEMPTS):
            try:
                limit(self.client)
                return self._served(request, *args, **kwargs)
            except OperationalError as error:
                if attempt + 1 == ATTEMPTS or not _may_be_repeated(error):
                    return self._refused(told(error))
            except Exception as error:  # noqa: BLE001 - whatever it is, the client is told in SCIM
                return self._refused(told(error))
        raise AssertionError("unreachable")

    def _served(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """In one transaction with the note that it was asked; an error rolls both back."""
        with tenant_scope(self.client.tenant_id), PROVIDER:
            response: HttpResponse = View.dispatch(self, request, *args, **kwargs)  # type: ignore[assignment]
            self._note(Told(None, response.status_code))  # type: ignore[arg-type]
        return response

    def _refused(self, refused: Told) -> HttpResponse:
        """Note it in a transaction of its own, since the request's is gone."""
        try:
            with tenant_scope(self.client.tenant_id):
                self._note(refused)
        except DatabaseError:
            logger.exception("a SCIM request could not be noted")
        return refusal(refused)

    def _note(self, outcome: Told) -> None:
        note = CallNote(
            method=(self.request.method or "")[:10],
            resource_type=self.kind or type(self).__name__,
            resource_id=self.about,
            status=outcome.status,
            scim_type=(outcome.error.scim_type or "") if outcome.error else "",
            detail=outcome.note,
            milliseconds=int((time.perf_counter() - self.started) * 1000),
        )
        note_scim_call(client=self.client, note=note)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """405, after which nothing is left to be kept."""
        raise MethodNotAllowed([name.upper() for name in self.http_method_names if hasattr(self, name)])

    def body(self) -> dict[str, Any]:
        """The request's JSON object; raises as payload.parsed does."""
        return parsed(self.request.body)


def _may_be_repeated(error: OperationalError) -> bool:
    """Two pushes locked the same rows in another order; the database ended one of them."""
    return isinstance(error.__cause__, DeadlockDetected | SerializationFailure)


class NotOffered(ScimView):
    """/Me: a client is no person (RFC 7644, 3.11 has 501 for it)."""

    kind = "Me"

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Every method."""
        raise NotImplementedException

    post = put = patch = delete = get


class NotFound(ScimView):
    """Every other address."""

    kind = "–"

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Every method."""
        raise NotFoundException

    post = put = patch = delete = get


class Discovery(ScimView):
    """Schemas, ResourceTypes and ServiceProviderConfig, from the same classes that do the work."""

    kind = "Discovery"

    def get(self, request: HttpRequest, which: str, name: str = "") -> HttpResponse:
        """All of them or one by its id (RFC 7644, 4)."""
        if any(key.lower() == "filter" for key in request.GET):
            raise ForbiddenException(detail="Discovery cannot be filtered.")
        if which == "ServiceProviderConfig":
            return answer(CONFIG.model_dump())
        found: list[Any] = list(PROVIDER.schemas if which == "Schemas" else PROVIDER.resource_types)
        if not name:
            return listed([item.model_dump() for item in found], len(found), 1)
        for item in found:
            if str(item.id).lower() == name.lower():
                return answer(item.model_dump())
        raise NotFoundException
