"""Users, Groups and searches: HTTP in and out; adapters read and write."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django_scim.utils import get_group_adapter, get_group_model, get_user_adapter, get_user_model
from scim2_models import Context, NotFoundException, SearchRequest

from identity.scim import search
from identity.scim.adapters import Adapter
from identity.scim.answers import answer
from identity.scim.auth import allow
from identity.scim.base import ScimView
from identity.scim.errors import MethodNotAllowed
from identity.scim.resources import GROUP, USER
from identity.scim.versions import demand, matches

Kind = type[Adapter[Any]]
EVERYTHING: Any = SearchRequest[USER | GROUP]


def one(kind: Kind, tenant: uuid.UUID, pk: str, *, lock: bool = False) -> Adapter[Any]:
    """The row of that id, for writes locked until the transaction ends.

    Raises:
        NotFoundException: there is none in the tenant.
    """
    rows = kind.rows(tenant)
    try:
        row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=uuid.UUID(pk)).first()
    except ValueError as error:
        raise NotFoundException from error
    if row is None:
        raise NotFoundException
    return kind(row)


class ResourceView(ScimView):
    """What Users and Groups share; which is which comes through django-scim2's settings."""

    @property
    def adapter(self) -> Kind:
        """The adapter that the settings name."""
        found: Kind = self.scim_adapter
        return found

    def get(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        """One resource, or a list of them."""
        allow(self.client, self.adapter.read)
        if uuid is None:
            asked = search.of_query(request.GET.dict(), self.adapter.search_message)
            return search.answered(self.client, [self.adapter], asked)
        found = self._one(uuid)
        asked = self._asked()
        known = request.headers.get("If-None-Match")
        if known is not None and matches(known, found.obj.version):
            return HttpResponse(status=304, headers={"ETag": found.tag})
        return self._shown(found, asked)

    def post(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        """Make one."""
        if uuid is not None:
            return self.http_method_not_allowed(request)
        allow(self.client, self.adapter.write)
        asked = self._asked()
        made = self.adapter.create(self.client, self.body())
        self.about = made.pk
        return self._shown(self.adapter(made), asked, created=True)

    def put(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        """Replace one."""
        found, asked = self._to_change(request, uuid), self._asked()
        found.replace(self.client, self.body())
        return self._shown(found, asked)

    def patch(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        """Change one."""
        found, asked = self._to_change(request, uuid), self._asked()
        found.modify(self.client, self.body())
        return self._shown(found, asked)

    def delete(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        """Take one away."""
        self._to_change(request, uuid).delete(self.client)
        return HttpResponse(status=204)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A list is read and added to; one resource is read and changed."""
        several = self.kwargs.get(self.lookup_url_kwarg) is None
        names = ("get", "head", "post") if several else ("get", "head", "put", "patch", "delete")
        raise MethodNotAllowed([name.upper() for name in names])

    def _to_change(self, request: HttpRequest, pk: str | None) -> Adapter[Any]:
        if pk is None:
            self.http_method_not_allowed(request)
        allow(self.client, self.adapter.write)
        found = self._one(str(pk), lock=True)
        demand(request.headers.get("If-Match"), found.obj.version)
        return found

    def _one(self, pk: str, *, lock: bool = False) -> Adapter[Any]:
        found = one(self.adapter, self.client.tenant_id, pk, lock=lock)
        self.about = found.obj.pk
        return found

    def _asked(self) -> Any:
        return search.parameters(self.request.GET.dict(), self.adapter.parameters_message)

    def _shown(self, found: Adapter[Any], asked: Any, *, created: bool = False) -> HttpResponse:
        context = Context.RESOURCE_CREATION_RESPONSE if created else Context.RESOURCE_QUERY_RESPONSE
        content = found.contents([found.obj], asked, context)[0]
        return answer(content, 201 if created else 200, Location=found.location, ETag=found.tag)


class Users(ResourceView):
    """The tenant's people."""

    kind = "User"
    scim_adapter_getter = get_user_adapter
    model_cls_getter = get_user_model


class Groups(ResourceView):
    """The tenant's groups."""

    kind = "Group"
    scim_adapter_getter = get_group_adapter
    model_cls_getter = get_group_model


class Search(ScimView):
    """POST /.search, over all resources or those of one address; GET and POST at the root do the same."""

    kinds = ("User", "Group")
    kind = "Search"

    def get(self, request: HttpRequest) -> HttpResponse:
        """At the root alone (RFC 7644, 3.4.2.1)."""
        return self._found(lambda message: search.of_query(request.GET.dict(), message))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Searched by what the body says (3.4.3)."""
        return self._found(lambda message: search.of_body(self.body(), message))

    def _found(self, asked: Any) -> HttpResponse:
        known = {"User": get_user_adapter(), "Group": get_group_adapter()}
        kinds = [known[name] for name in self.kinds]
        allow(self.client, *(kind.read for kind in kinds))
        message = EVERYTHING if len(kinds) > 1 else kinds[0].search_message
        return search.answered(self.client, kinds, asked(message))
