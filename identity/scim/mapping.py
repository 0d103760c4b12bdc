"""Rows to SCIM resources and back."""

import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from scim2_models import Email, InvalidValueException, Meta, Reference

from identity.models import Group, User
from identity.scim import resources
from identity.scim.resources import GROUP, USER, EnterpriseUser, Manager, Name
from identity.scim.versions import etag
from identity.services import Profile

_ENTERPRISE = {
    "department": "unit",
    "employee_number": "employee_number",
    "cost_center": "cost_center",
    "organization": "organization",
    "division": "division",
}


def location(kind: str, pk: object = "") -> str:
    """The absolute address of a resource; from the configuration, not from the Host header."""
    path = _path(kind)
    return f"{settings.BASE_URL}{path}/{pk}" if pk else f"{settings.BASE_URL}{path}"


def user_resource(user: User) -> resources.User:
    """`user` as SCIM shows it; reads `user.manager`, so select it along."""
    resource: resources.User = USER(
        id=str(user.pk),
        external_id=user.external_id or None,
        user_name=user.username,
        display_name=user.display_name,
        name=Name(
            formatted=user.formatted_name or user.display_name,
            given_name=user.given_name or None,
            family_name=user.family_name or None,
        ),
        title=user.job_title or None,
        timezone=user.time_zone,
        active=user.is_active,
        emails=[Email(value=user.email, type=Email.Type.work, primary=True)] if user.email else None,
        meta=Meta(
            resource_type="User",
            created=user.created_at,
            last_modified=user.changed_at,
            location=location("User", user.pk),
            version=etag(user.version),
        ),
    )
    enterprise = {name: getattr(user, column) or None for name, column in _ENTERPRISE.items()}
    if user.manager_id or any(enterprise.values()):
        resource[EnterpriseUser] = EnterpriseUser(**enterprise, manager=_manager(user))
    return resource


def user_profile(resource: resources.User) -> Profile:
    """What is kept of a resource that a provider sent.

    Raises:
        InvalidValueException: the manager is no id, or no name can be made.
    """
    name = resource.name or Name()
    parts = " ".join(part for part in (name.given_name, name.family_name) if part)
    enterprise = resource[EnterpriseUser] or EnterpriseUser()
    manager = enterprise.manager.value if enterprise.manager else None
    return Profile(
        username=resource.user_name or "",
        external_id=resource.external_id or "",
        display_name=resource.display_name or name.formatted or parts or resource.user_name or "",
        formatted_name=name.formatted or "",
        given_name=name.given_name or "",
        family_name=name.family_name or "",
        email=_address(resource.emails),
        job_title=resource.title or "",
        **{column: getattr(enterprise, name) or "" for name, column in _ENTERPRISE.items()},
        time_zone=resource.timezone or "UTC",
        manager_id=as_uuid(manager) if manager else None,
        is_active=resource.active is not False,
    )


def group_resource(group: Group) -> resources.Group:
    """`group` without its members, which may be thousands: see member_content."""
    return GROUP(
        id=str(group.pk),
        external_id=group.external_id or None,
        display_name=group.name,
        meta=Meta(
            resource_type="Group",
            created=_made_at(group.pk),
            last_modified=group.changed_at,
            location=location("Group", group.pk),
            version=etag(group.version),
        ),
    )


def member_content(pk: uuid.UUID, name: str) -> dict[str, str]:
    """One member as JSON; no object is made of it, since there may be thousands."""
    return {"value": str(pk), "display": name, "$ref": location("User", pk), "type": "User"}


def as_uuid(value: Any) -> uuid.UUID:
    """A SCIM id.

    Raises:
        InvalidValueException: it is none of ours.
    """
    try:
        return uuid.UUID(str(value))
    except ValueError as error:
        raise InvalidValueException(detail=_("An id of a person is expected here.")) from error


@cache
def _path(kind: str) -> str:
    return reverse(f"scim:{kind.lower()}s")


def _manager(user: User) -> Manager | None:
    if user.manager is None:
        return None
    return Manager(
        value=str(user.manager.pk),
        display_name=user.manager.display_name,
        ref=Reference(location("User", user.manager.pk)),
    )


def _address(emails: list[Email] | None) -> str:
    kept = next((entry for entry in emails or [] if entry.primary), None) or next(iter(emails or []), None)
    return str(kept.value or "") if kept else ""


def _made_at(pk: uuid.UUID) -> datetime:
    """Our ids carry their time: the first 48 bits are milliseconds (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((pk.int >> 80) / 1000, tz=UTC)
