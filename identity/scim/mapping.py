"""Rows to SCIM resources and back."""

import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from scim2_models import InvalidValueException, Meta, Reference

from identity.models import Group, User
from identity.scim import resources
from identity.scim.resources import GROUP, USER, Email, EnterpriseUser, Manager, Name
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
    """`user` as SCIM shows it: what the provider assigned, and no value that the portal made up."""
    unassigned = user.unassigned.split()
    resource: resources.User = USER(
        id=str(user.pk),
        external_id=user.external_id or None,
        user_name=user.username,
        display_name=None if "displayName" in unassigned else user.display_name,
        name=_name(user),
        title=user.job_title or None,
        timezone=None if "timezone" in unassigned else user.time_zone,
        active=None if "active" in unassigned else user.is_active,
        emails=_emails(user),
        meta=Meta(
            resource_type="User",
            created=user.created_at,
            last_modified=user.changed_at,
            location=location("User", user.pk),
            version=etag(user.version),
        ),
    )
    enterprise: dict[str, Any] = {name: getattr(user, column) or None for name, column in _ENTERPRISE.items()}
    if user.manager_id or any(enterprise.values()):
        resource[EnterpriseUser] = EnterpriseUser(**enterprise, manager=_manager(user))
    return resource


def user_profile(resource: resources.User) -> Profile:
    """What is kept of a resource that a provider sent, with what the portal needs beside it.

    Without `active` the person has no access: whoever makes one or replaces one says so before.

    Raises:
        InvalidValueException: the manager is no id.
    """
    name = resource.name or Name()
    parts = " ".join(part for part in (name.given_name, name.family_name) if part)
    enterprise = resource[EnterpriseUser] or EnterpriseUser()
    manager = enterprise.manager.value if enterprise.manager else None
    email = _kept(resource.emails)
    assigned = {
        "active": resource.active is not None,
        "displayName": bool(resource.display_name),
        "timezone": bool(resource.timezone),
    }
    return Profile(
        username=resource.user_name or "",
        external_id=resource.external_id or "",
        display_name=resource.display_name or name.formatted or parts or resource.user_name or "",
        formatted_name=name.formatted or "",
        given_name=name.given_name or "",
        family_name=name.family_name or "",
        email=email.value or "",
        email_type=email.type or "",
        email_primary=email.primary,
        job_title=resource.title or "",
        **{column: getattr(enterprise, attribute) or "" for attribute, column in _ENTERPRISE.items()},
        time_zone=resource.timezone or "UTC",
        manager_id=as_uuid(manager) if manager else None,
        is_active=bool(resource.active),
        unassigned=" ".join(attribute for attribute, is_so in assigned.items() if not is_so),
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


def member_content(pk: uuid.UUID) -> dict[str, str]:
    """One member as JSON; no object is made of it, since there may be thousands."""
    return {"value": str(pk), "$ref": location("User", pk), "type": "User"}


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


def _name(user: User) -> Name | None:
    parts = (user.formatted_name or None, user.given_name or None, user.family_name or None)
    if not any(parts):
        return None
    return Name(formatted=parts[0], given_name=parts[1], family_name=parts[2])


def _emails(user: User) -> list[Email] | None:
    if not user.email:
        return None
    return [Email(value=user.email, type=user.email_type or None, primary=user.email_primary)]


def _manager(user: User) -> Manager | None:
    if user.manager_id is None:
        return None
    return Manager(value=str(user.manager_id), ref=Reference(location("User", user.manager_id)))


def _kept(emails: list[Email] | None) -> Email:
    """The primary of those that were sent, else the first."""
    sent = emails or [Email(type=None)]
    return next((entry for entry in sent if entry.primary), sent[0])


def _made_at(pk: uuid.UUID) -> datetime:
    """Our ids carry their time: the first 48 bits are milliseconds (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((pk.int >> 80) / 1000, tz=UTC)
