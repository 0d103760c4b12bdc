"""People and groups for the protocol: which rows there are, how they look, and which service writes them.

The classes carry django-scim2's name for their addresses and ids; what its own adapters do is replaced
whole (tests/integration/identity/test_scim_stock.py holds the list of what is still inherited).
"""

import uuid
from typing import Any, ClassVar, Generic, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django_scim.adapters import SCIMMixin
from scim2_models import Context, InvalidSyntaxException, PatchOp, ResponseParameters, SearchRequest

from identity import services
from identity.models import Group, Membership, ScimClient, ScimScope, User
from identity.scim import columns, dialects, mapping, members
from identity.scim.closed import refuse
from identity.scim.payload import member
from identity.scim.provider import POLICY
from identity.scim.resources import GROUP, USER
from identity.scim.versions import etag

Row = TypeVar("Row", User, Group)
Parameters = ResponseParameters[Any]
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def base_location(_request: object = None) -> str:
    """From the configuration, not from the Host header; django-scim2's BASE_LOCATION_GETTER."""
    return str(settings.BASE_URL)


class Adapter(SCIMMixin, Generic[Row]):  # type: ignore[misc]
    """What both share. `obj` is the row; writes expect it locked."""

    id_field = "pk"
    kind: ClassVar[str]
    resource: ClassVar[Any]
    columns: ClassVar[columns.Columns]
    read: ClassVar[ScimScope]
    write: ClassVar[ScimScope]
    search_message: ClassVar[Any]
    parameters_message: ClassVar[Any]
    patch_message: ClassVar[Any]
    obj: Row

    # the ways of the library to read and write, none of which is ours
    to_dict = from_dict = validate_dict = save = handle_operations = refuse
    handle_add = handle_replace = handle_remove = handle_path_and_value = refuse
    parse_path_and_values = split_path = _default_validate_op = refuse

    def __init_subclass__(cls) -> None:
        """Bind the protocol's messages to the resource, once: pydantic forgets such classes and takes
        tens of milliseconds to make one."""
        super().__init_subclass__()
        cls.search_message = SearchRequest[cls.resource]  # type: ignore[name-defined]
        cls.parameters_message = ResponseParameters[cls.resource]  # type: ignore[name-defined]
        cls.patch_message = PatchOp[cls.resource]  # type: ignore[name-defined]

    @classmethod
    def rows(cls, tenant: uuid.UUID) -> QuerySet[Row]:
        """The tenant's rows."""
        raise NotImplementedError

    @classmethod
    def contents(cls, rows: list[Row], asked: Parameters, context: Context) -> list[dict[str, Any]]:
        """The rows as JSON, in a number of queries that does not grow with them."""
        raise NotImplementedError

    @classmethod
    def create(cls, client: ScimClient, body: dict[str, Any]) -> Row:
        """Make a row of what was sent."""
        raise NotImplementedError

    def replace(self, client: ScimClient, body: dict[str, Any]) -> None:
        """What PUT does."""
        raise NotImplementedError

    def modify(self, client: ScimClient, body: dict[str, Any]) -> None:
        """What PATCH does."""
        raise NotImplementedError

    def delete(self, client: ScimClient) -> None:
        """What DELETE does."""
        raise NotImplementedError

    @property
    def location(self) -> str:
        """The absolute address."""
        return mapping.location(self.kind, self.obj.pk)

    @property
    def tag(self) -> str:
        """The entity tag of the row's version."""
        return etag(self.obj.version)

    @classmethod
    def sent(cls, body: dict[str, Any], context: Context) -> Any:
        """The resource in `body`, checked."""
        return cls.resource.model_validate(body, scim_ctx=context, scim_policy=POLICY)

    def patched(self, before: Any, operations: list[Any]) -> Any:
        """`before` with `operations` done to a copy of it."""
        body = {"schemas": [PATCH_OP], "Operations": operations}
        patch = self.patch_message.model_validate(
            body, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
        )
        after = before.model_copy(deep=True)
        patch.patch(after, POLICY)
        return after

    def operations(self, body: dict[str, Any]) -> list[Any]:
        """The operations of a PATCH, in the RFC's form; an empty or wrong list is left to be refused."""
        named = member(body, "schemas")
        if named is not None and PATCH_OP not in (named if isinstance(named, list) else [named]):
            raise InvalidSyntaxException(detail="The body is no PatchOp.")
        sent = member(body, "Operations")
        return [dialects.plain(item, self.id) for item in sent] if isinstance(sent, list) else []


class UserAdapter(Adapter[User]):
    """A person."""

    kind, url_name = "User", "scim:users"
    resource, columns = USER, columns.USER_COLUMNS
    read, write = ScimScope.USERS_READ, ScimScope.USERS_WRITE

    @classmethod
    def rows(cls, tenant: uuid.UUID) -> QuerySet[User]:
        return User.objects.filter(tenant_id=tenant, removed_at=None)

    @classmethod
    def contents(cls, rows: list[User], asked: Parameters, context: Context) -> list[dict[str, Any]]:
        return [
            mapping.user_resource(row).model_dump(scim_ctx=context, response_parameters=asked) for row in rows
        ]

    @classmethod
    def create(cls, client: ScimClient, body: dict[str, Any]) -> User:
        sent = cls.sent(body, Context.RESOURCE_CREATION_REQUEST)
        sent.active = sent.active is not False
        profile = mapping.user_profile(sent)
        return services.provision_user(by=client, tenant=client.tenant_id, profile=profile)

    def replace(self, client: ScimClient, body: dict[str, Any]) -> None:
        sent = self.sent(body, Context.RESOURCE_REPLACEMENT_REQUEST)
        if sent.active is None:
            sent.active = self.obj.is_active  # what a provider leaves out must not bring anyone back
        sent.replace(mapping.user_resource(self.obj))
        services.change_user(by=client, user=self.obj, profile=mapping.user_profile(sent))

    def modify(self, client: ScimClient, body: dict[str, Any]) -> None:
        before = mapping.user_resource(self.obj)
        after = self.patched(before, self.operations(body))
        services.change_user(by=client, user=self.obj, profile=mapping.user_profile(after))

    def delete(self, client: ScimClient) -> None:
        services.remove_user(by=client, user=self.obj)


class GroupAdapter(Adapter[Group]):
    """A group. Its members go past the engine, as sets: there may be thousands."""

    kind, url_name = "Group", "scim:groups"
    resource, columns = GROUP, columns.GROUP_COLUMNS
    read, write = ScimScope.GROUPS_READ, ScimScope.GROUPS_WRITE

    @classmethod
    def rows(cls, tenant: uuid.UUID) -> QuerySet[Group]:
        return Group.objects.filter(tenant_id=tenant)

    @classmethod
    def contents(cls, rows: list[Group], asked: Parameters, context: Context) -> list[dict[str, Any]]:
        made = [
            mapping.group_resource(row).model_dump(scim_ctx=context, response_parameters=asked)
            for row in rows
        ]
        wanted = _member_keys(asked)
        if not wanted or not rows:
            return made
        listed: dict[uuid.UUID, list[dict[str, str]]] = {row.pk: [] for row in rows}
        found = Membership.objects.filter(group__in=rows).order_by("user_id")
        for group, pk in found.values_list("group_id", "user_id"):
            entry = mapping.member_content(pk)
            listed[group].append({key: entry[key] for key in entry if key.lower() in wanted})
        for row, content in zip(rows, made, strict=True):
            if listed[row.pk]:
                content["members"] = listed[row.pk]
        return made

    @classmethod
    def create(cls, client: ScimClient, body: dict[str, Any]) -> Group:
        rest, found = members.split(body)
        sent = cls.sent(rest, Context.RESOURCE_CREATION_REQUEST)
        return services.provision_group(
            by=client,
            tenant=client.tenant_id,
            name=sent.display_name or "",
            external_id=sent.external_id or "",
            members=_all(found),
        )

    def replace(self, client: ScimClient, body: dict[str, Any]) -> None:
        rest, found = members.split(body)
        sent = self.sent(rest, Context.RESOURCE_REPLACEMENT_REQUEST)
        services.change_group(
            by=client,
            group=self.obj,
            name=sent.display_name or "",
            external_id=sent.external_id or "",
            members=_all(found),
        )

    def modify(self, client: ScimClient, body: dict[str, Any]) -> None:
        change, others = members.Change(), []
        sent = self.operations(body)
        for operation in sent:
            rest = members.apply(change, self.obj, operation) if isinstance(operation, dict) else operation
            if rest is not None:
                others.append(rest)
        if others or not sent:
            after = self.patched(mapping.group_resource(self.obj), others)
            services.change_group(
                by=client, group=self.obj, name=after.display_name or "", external_id=after.external_id or ""
            )
        if change.cleared:
            services.set_group_members(by=client, group=self.obj, members=change.added)
        else:
            services.change_group_members(by=client, group=self.obj, add=change.added, remove=change.removed)

    def delete(self, client: ScimClient) -> None:
        services.remove_group(by=client, group=self.obj)


def _all(found: list[Any]) -> set[uuid.UUID]:
    return {pk for value in found for pk in members.ids_of(value)}


def _member_keys(asked: Parameters) -> set[str]:
    """Which sub-attributes of members the answer carries, in lower case; none: they need not be read."""
    every = {"value", "$ref", "type"}
    names = {str(path).lower().removeprefix(members.URN) for path in asked.attributes or []}
    without = {str(path).lower().removeprefix(members.URN) for path in asked.excluded_attributes or []}
    if names and "members" not in names:
        every = {name.partition(".")[2] for name in names if name.startswith("members.")}
    if "members" in without:
        return set()
    return every - {name.partition(".")[2] for name in without}
