"""Rows to SCIM resources and back."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from scim2_models import Email, InvalidValueException, Meta, Reference

from identity.models import Group, User
from identity.scim import resources
from identity.scim.resources import GROUP, USER, EnterpriseUser, Manager, Member, Name
from identity.services import Profile


def location(kind: str, pk: object = "") -> str:
    """The absolute address of a resource; from the configuration, not from the Host header."""
    path = reverse(f"scim-{kind.lower()}", args=[pk] if pk else None)
    return f"{settings.BASE_URL}{path}"


def user_resource(user: User) -> resources.User:
    """`user` as SCIM shows it; reads `user.manager`, so select it along."""
    resource: resources.User = USER(
        id=str(user.pk),
        external_id=user.external_id or None,
        user_name=user.username,
        display_name=user.display_name,
        name=Name(
            formatted=user.display_name,
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
        ),
    )
    if user.unit or user.manager_id:
        resource[EnterpriseUser] = EnterpriseUser(department=user.unit or None, manager=_manager(user))
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
        display_name=resource.display_name or parts or resource.user_name or "",
        given_name=name.given_name or "",
        family_name=name.family_name or "",
        email=_address(resource.emails),
        job_title=resource.title or "",
        unit=enterprise.department or "",
        time_zone=resource.timezone or "UTC",
        manager_id=as_uuid(manager) if manager else None,
        is_active=resource.active is not False,
    )


def group_resource(group: Group, members: Iterable[tuple[uuid.UUID, str]] | None) -> resources.Group:
    """`group` with its members as (id, name); None leaves them out."""
    listed = None
    if members is not None:
        base = location("User")
        listed = [
            Member(value=str(pk), display=name, ref=Reference(f"{base}/{pk}")) for pk, name in members
        ] or None
    return GROUP(
        id=str(group.pk),
        external_id=group.external_id or None,
        display_name=group.name,
        members=listed,
        meta=Meta(
            resource_type="Group",
            created=_made_at(group.pk),
            last_modified=group.changed_at,
            location=location("Group", group.pk),
        ),
    )


def member_ids(resource: resources.Group) -> set[uuid.UUID]:
    """The people that a group resource names.

    Raises:
        InvalidValueException: a member's value is no id.
    """
    return {as_uuid(member.value) for member in resource.members or []}


def as_uuid(value: Any) -> uuid.UUID:
    """A SCIM id.

    Raises:
        InvalidValueException: it is none of ours.
    """
    try:
        return uuid.UUID(str(value))
    except ValueError as error:
        raise InvalidValueException(detail=_("An id of a person is expected here.")) from error


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
