"""What the endpoint serves, as scim2-models classes: exactly the attributes that are kept, no more.

Discovery is generated from these classes, so what it says is true by construction. There is no
`password`: one that is sent is passed over like every attribute that is not declared.
"""

import zoneinfo
from typing import Annotated, Any

from pydantic import Field, field_validator
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Extension,
    Mutability,
    Reference,
    Required,
    Resource,
    Uniqueness,
)


class Name(ComplexAttribute):
    """The parts of a person's name."""

    formatted: str | None = None
    """The full name as it is written."""

    family_name: str | None = None
    """The family name."""

    given_name: str | None = None
    """The given name."""


class Email(ComplexAttribute):
    """An address of a person."""

    value: str | None = None
    """The address."""

    type: str | None = Field(None, examples=["work", "home", "other"])
    """What kind of address it is."""

    primary: bool | None = None
    """Whether it is to be preferred; of several, the one that is kept."""


class User(Resource[Any]):
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """Unique in the tenant, whatever its case."""

    name: Name | None = None
    """The parts of the person's name."""

    display_name: str | None = None
    """The name that people see; without it the portal makes one of `name`."""

    title: str | None = None
    """The job title."""

    timezone: str | None = Field(None, examples=sorted(zoneinfo.available_timezones()))
    """The time zone by its IANA name, for example Europe/Berlin."""

    active: bool | None = None
    """False ends the person's access and every session."""

    @field_validator("active", mode="before")
    @classmethod
    def _truth(cls, value: Any) -> Any:
        """Entra sends "True" and "False"; a number or another word is neither."""
        if isinstance(value, str):
            value = {"true": True, "false": False}.get(value.lower(), value)
        if value is not None and not isinstance(value, bool):
            raise ValueError("Input should be true or false")
        return value

    emails: list[Email] | None = None
    """One address is kept: the primary, else the first."""


class Manager(ComplexAttribute):
    """The person's manager."""

    value: Annotated[str | None, CaseExact.true] = None
    """The `id` of the manager."""

    ref: Reference["User"] | None = Field(None, serialization_alias="$ref", validation_alias="$ref")
    """The address of the manager; `value` decides."""


class EnterpriseUser(Extension):
    """Where the person stands in the company."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    department: str | None = None
    """The unit that the person works in."""

    employee_number: str | None = None
    """The number of the person in the company."""

    cost_center: str | None = None
    """The cost centre that the person belongs to."""

    organization: str | None = None
    """The company or agency that the person works for."""

    division: str | None = None
    """The division that the person works in."""

    manager: Manager | None = None
    """The person's manager, to whom requests for approval go."""

    @field_validator("manager", mode="before")
    @classmethod
    def _bare_id(cls, value: Any) -> Any:
        """Entra sends the manager's id alone, or in a list of one."""
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return {"value": value} if isinstance(value, str) else value


class Member(ComplexAttribute):
    """One member of a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The `id` of the person."""

    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the person; `value` decides."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always "User": groups inside groups are not taken."""


class Group(Resource[Any]):
    """A group of people."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """Unique in the tenant. Roles and access hang on it."""

    members: list[Member] | None = None
    """The people of the group; groups inside groups are not taken."""


USER = User[EnterpriseUser]  # type: ignore[type-arg]
GROUP = Group
