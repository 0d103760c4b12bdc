"""Users and Groups: rows in, scim2-models does the protocol, services write."""

import uuid
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from scim2_models import (
    Context,
    ListResponse,
    NotFoundException,
    PatchOp,
    ResponseParameters,
    SearchRequest,
)
from scim2_models import Resource as AnyResource

from identity import services
from identity.models import Group, Membership, User
from identity.scim import filters, mapping
from identity.scim.base import CONTENT_TYPE, ScimView
from identity.scim.resources import GROUP, MAX_RESULTS, POLICY, USER
from identity.services import Profile

Row = TypeVar("Row", User, Group)
_LIST_PARAMETERS = ("filter", "attributes", "excludedAttributes", "startIndex", "count")


class ResourceView(ScimView, Generic[Row]):
    """What Users and Groups share. Subclasses name the model class, the columns and the writes."""

    model: Any
    columns: Mapping[str, filters.Column]
    search_message: Any
    patch_message: Any
    parameters_message: Any
    list_message: Any

    def __init_subclass__(cls) -> None:
        """Bind the protocol's messages to the resource that this address serves."""
        super().__init_subclass__()
        cls.search_message = SearchRequest[cls.model]  # type: ignore[name-defined]
        cls.patch_message = PatchOp[cls.model]  # type: ignore[name-defined]
        cls.parameters_message = ResponseParameters[cls.model]  # type: ignore[name-defined]
        cls.list_message = ListResponse[cls.model]  # type: ignore[name-defined]

    def rows(self) -> QuerySet[Row]:
        """The tenant's rows."""
        raise NotImplementedError

    def resources(self, rows: list[Row], parameters: ResponseParameters[Any]) -> list[AnyResource[Any]]:
        """The rows as SCIM resources, in a number of queries that does not grow with them."""
        raise NotImplementedError

    def create(self, resource: Any) -> Row:
        """Make a row of what was sent."""
        raise NotImplementedError

    def change(self, row: Row, resource: Any, before: Any) -> Row:
        """Bring the row from `before` to what was sent."""
        raise NotImplementedError

    def remove(self, row: Row) -> None:
        """What DELETE does."""
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: str = "") -> HttpResponse:
        if pk:
            parameters = self._parameters()
            return self._one(self._row(pk), parameters)
        asked = {name: request.GET[name] for name in _LIST_PARAMETERS if request.GET.get(name)}
        return self._list(self.search_message.model_validate(asked, scim_ctx=None))

    def post(self, request: HttpRequest, pk: str = "") -> HttpResponse:
        if pk == ".search":
            asked = self.search_message.model_validate(self.body(), scim_ctx=Context.SEARCH_REQUEST)
            return self._list(asked)
        if pk:
            return self.http_method_not_allowed(request)
        sent = self.model.model_validate(
            self.body(), scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY
        )
        return self._one(self.create(sent), self._parameters(), status=201)

    def put(self, request: HttpRequest, pk: str = "") -> HttpResponse:
        if not pk:
            return self.http_method_not_allowed(request)
        parameters, row = self._parameters(), self._row(pk, lock=True)
        sent = self.model.model_validate(
            self.body(), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY
        )
        before = self._resource(row)
        if "active" in type(sent).model_fields and sent.active is None:
            sent.active = before.active  # what a provider leaves out must not bring anyone back
        sent.replace(before)
        return self._one(self.change(row, sent, before), parameters)

    def patch(self, request: HttpRequest, pk: str = "") -> HttpResponse:
        if not pk:
            return self.http_method_not_allowed(request)
        parameters, row = self._parameters(), self._row(pk, lock=True)
        operations = self.patch_message.model_validate(
            self.body(), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
        )
        before = self._resource(row)
        after = before.model_copy(deep=True)
        operations.patch(after, POLICY)
        return self._one(self.change(row, after, before), parameters)

    def delete(self, request: HttpRequest, pk: str = "") -> HttpResponse:
        if not pk:
            return self.http_method_not_allowed(request)
        self.remove(self._row(pk, lock=True))
        return HttpResponse(status=204)

    def _row(self, pk: str, *, lock: bool = False) -> Row:
        rows = self.rows().select_for_update(of=("self",)) if lock else self.rows()
        try:
            return rows.get(pk=uuid.UUID(pk))
        except (ValueError, User.DoesNotExist, Group.DoesNotExist) as error:
            raise NotFoundException from error

    def _resource(self, row: Row) -> Any:
        return self.resources([row], ResponseParameters())[0]

    def _parameters(self) -> ResponseParameters[Any]:
        names = ("attributes", "excludedAttributes")
        asked = {name: self.request.GET[name] for name in names if self.request.GET.get(name)}
        parameters: ResponseParameters[Any] = self.parameters_message.model_validate(asked, scim_ctx=None)
        return parameters

    def _one(self, row: Row, parameters: ResponseParameters[Any], *, status: int = 200) -> HttpResponse:
        row = self.rows().get(pk=row.pk)
        resource = self.resources([row], parameters)[0]
        context = Context.RESOURCE_CREATION_RESPONSE if status == 201 else Context.RESOURCE_QUERY_RESPONSE
        content = resource.model_dump(scim_ctx=context, response_parameters=parameters)
        response = JsonResponse(content, status=status, content_type=CONTENT_TYPE)
        response["Location"] = mapping.location(type(row).__name__, row.pk)
        return response

    def _list(self, asked: SearchRequest[Any]) -> HttpResponse:
        rows = self.rows().order_by("pk")
        if asked.filter:
            rows = rows.filter(filters.condition(str(asked.filter), self.columns))
        start = max(asked.start_index or 1, 1)
        count = MAX_RESULTS if asked.count is None else min(max(asked.count, 0), MAX_RESULTS)
        page = list(rows[start - 1 : start - 1 + count])
        content = self.list_message(
            total_results=rows.count(),
            start_index=start,
            items_per_page=len(page),
            resources=self.resources(page, asked),
        ).model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked)
        return JsonResponse(content, content_type=CONTENT_TYPE)


class Users(ResourceView[User]):
    """The tenant's people."""

    model = USER
    columns = filters.USER_COLUMNS

    def rows(self) -> QuerySet[User]:
        return User.objects.filter(tenant_id=self.client.tenant_id, removed_at=None).select_related("manager")

    def resources(self, rows: list[User], parameters: ResponseParameters[Any]) -> list[AnyResource[Any]]:
        return [mapping.user_resource(row) for row in rows]

    def create(self, resource: Any) -> User:
        profile = mapping.user_profile(resource)
        return services.provision_user(by=self.client, tenant=self.client.tenant_id, profile=profile)

    def change(self, row: User, resource: Any, before: Any) -> User:
        profile: Profile = mapping.user_profile(resource)
        return services.change_user(by=self.client, user=row, profile=profile)

    def remove(self, row: User) -> None:
        services.remove_user(by=self.client, user=row)


class Groups(ResourceView[Group]):
    """The tenant's groups."""

    model = GROUP
    columns = filters.GROUP_COLUMNS

    def rows(self) -> QuerySet[Group]:
        return Group.objects.filter(tenant_id=self.client.tenant_id)

    def resources(self, rows: list[Group], parameters: ResponseParameters[Any]) -> list[AnyResource[Any]]:
        if _leaves_out(parameters, "members"):
            return [mapping.group_resource(row, None) for row in rows]
        members: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {row.pk: [] for row in rows}
        found = Membership.objects.filter(group__in=rows).order_by("user_id")
        for group, pk, name in found.values_list("group_id", "user_id", F("user__display_name")):
            members[group].append((pk, name))
        return [mapping.group_resource(row, members[row.pk]) for row in rows]

    def create(self, resource: Any) -> Group:
        return services.provision_group(
            by=self.client,
            tenant=self.client.tenant_id,
            name=resource.display_name,
            external_id=resource.external_id or "",
            members=mapping.member_ids(resource),
        )

    def change(self, row: Group, resource: Any, before: Any) -> Group:
        members = mapping.member_ids(resource)
        return services.change_group(
            by=self.client,
            group=row,
            name=resource.display_name or "",
            external_id=resource.external_id or "",
            members=members if members != mapping.member_ids(before) else None,
        )

    def remove(self, row: Group) -> None:
        services.remove_group(by=self.client, group=row)


def _leaves_out(parameters: ResponseParameters[Any], name: str) -> bool:
    """Whether the answer will not carry the attribute, so that it need not be read."""
    excluded = {str(path).lower() for path in parameters.excluded_attributes or []}
    wanted = {str(path).lower().partition(".")[0] for path in parameters.attributes or []}
    return name in excluded or bool(wanted and name not in wanted)
