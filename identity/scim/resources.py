"""What the endpoint serves, as scim2-models classes: exactly the attributes that are kept, no more.

Discovery is generated from these classes, so what it says is true by construction. There is no
`password`: one that is sent is passed over like every attribute that is not declared.
"""

from typing import Annotated, Any

from pydantic import Field, field_validator
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    Email,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

MAX_RESULTS = 200


class Name(ComplexAttribute):
    """The parts of a person's name."""

    formatted: Annotated[str | None, Mutability.read_only] = None
    """The full name, the same as displayName."""

    family_name: str | None = None
    """The family name."""

    given_name: str | None = None
    """The given name."""


class User(Resource[Any]):
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """Unique over all tenants, whatever its case."""

    name: Name | None = None
    """The parts of the person's name."""

    display_name: str | None = None
    """The name that people see; made of `name` when it is not sent."""

    title: str | None = None
    """The job title."""

    timezone: str | None = None
    """The time zone by its IANA name, for example Europe/Berlin."""

    active: bool | None = None
    """False ends the person's access and every session."""

    emails: list[Email] | None = None
    """One address is kept: the primary, else the first."""


class Manager(ComplexAttribute):
    """The person's manager."""

    value: Annotated[str | None, CaseExact.true] = None
    """The `id` of the manager."""

    ref: Annotated[Reference["User"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the manager."""

    display_name: Annotated[str | None, Mutability.read_only] = None
    """The manager's displayName."""


class EnterpriseUser(Extension):
    """Where the person stands in the company."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    department: str | None = None
    """The unit that the person works in."""

    manager: Manager | None = None
    """The person's manager, to whom requests for approval go."""

    @field_validator("manager", mode="before")
    @classmethod
    def _bare_id(cls, value: Any) -> Any:
        """Entra sends the manager's id alone."""
        return {"value": value} if isinstance(value, str) else value


class Member(ComplexAttribute):
    """One member of a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The `id` of the person."""

    ref: Annotated[Reference["User"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the person."""

    display: Annotated[str | None, Mutability.read_only] = None
    """The person's displayName."""


class Group(Resource[Any]):
    """A group of people."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """Unique in the tenant. Roles and access hang on it."""

    members: list[Member] | None = None
    """The people of the group; groups inside groups are not taken."""


USER = User[EnterpriseUser]  # type: ignore[type-arg]
GROUP = Group

# How real providers deviate: attributes that nobody keeps, Entra's removal by value, and its paths
# that describe an entry which is not there yet.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MAX_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=False),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token of the client's own, issued by the portal's administrator.",
            spec_uri=Reference("https://www.rfc-editor.org/rfc/rfc6750"),
            primary=True,
        )
    ],
)

PROVIDER = ScimProvider(
    models=[User, Group, EnterpriseUser],
    resource_types=[
        ResourceType.from_resource(USER),
        ResourceType.from_resource(GROUP),
    ],
    config=CONFIG,
    policy=POLICY,
)
