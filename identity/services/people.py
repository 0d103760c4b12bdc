"""Writes to people, on word of a provider (SCIM) or from the operator's shell. Nothing here ever sets a
password."""

import uuid
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from identity.models import Group, LoginSession, Membership, User
from identity.services.logins import end_all_logins
from identity.services.offboarding import begin_offboarding
from identity.services.rows import check, save
from ledger.events import Event
from ledger.log import Actor, record


@dataclass(frozen=True)
class Profile:
    """What a provider says of a person. Empty `external_id`: known, but cannot sign in."""

    username: str
    external_id: str
    display_name: str
    formatted_name: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    email_type: str = "work"
    email_primary: bool | None = True
    job_title: str = ""
    unit: str = ""
    employee_number: str = ""
    cost_center: str = ""
    organization: str = ""
    division: str = ""
    time_zone: str = "UTC"
    manager_id: uuid.UUID | None = None
    is_active: bool = True
    unassigned: str = ""

    @classmethod
    def of(cls, user: User) -> "Profile":
        """The profile that `user` has."""
        return cls(**{name: getattr(user, name) for name in cls.__dataclass_fields__})


@transaction.atomic
def provision_user(*, by: Actor | None, tenant: uuid.UUID, profile: Profile) -> User:
    """A new account, without any usable password.

    Raises:
        BadInput: a value does not fit, or the manager is none of this tenant.
        Conflict: the user name or the id at the provider belongs to another account.
    """
    user = User(tenant_id=tenant, **asdict(profile))
    user.set_unusable_password()
    check(user)
    save(user, creating=True)
    record(Event.USER_PROVISIONED, by=by, tenant=tenant, person=user.pk, facts={"active": user.is_active})
    return user


@transaction.atomic
def change_user(*, by: Actor | None, user: User, profile: Profile) -> User:
    """Bring the account to `profile`; deactivation ends every session at its next request.

    `user` is a locked row (`select_for_update`); its version goes up with each change. The record names
    which attributes changed, not their values. Raises as provision_user does.
    """
    before, after = asdict(Profile.of(user)), asdict(profile)
    changed = sorted(name for name in after if after[name] != before[name])
    if not changed:
        return user
    for name in changed:
        setattr(user, name, after[name])
    check(user)
    user.version += 1
    save(user)
    if "is_active" in changed and not user.is_active:
        end_all_logins(user=user, end=LoginSession.End.DEACTIVATED)
    if "is_active" in changed:
        changed.remove("is_active")
        event = Event.USER_REACTIVATED if user.is_active else Event.USER_DEACTIVATED
        record(event, by=by, tenant=user.tenant_id, person=user.pk)
        if not user.is_active:
            begin_offboarding(by=by, user=user)
    if changed:
        record(
            Event.USER_CHANGED, by=by, tenant=user.tenant_id, person=user.pk, facts={"attributes": changed}
        )
    return user


@transaction.atomic
def deactivate_user(*, by: Actor | None, user: User) -> User:
    """End the person's access and every session."""
    profile = asdict(Profile.of(user)) | {"is_active": False}
    return change_user(by=by, user=user, profile=Profile(**profile))


@transaction.atomic
def remove_user(*, by: Actor | None, user: User) -> None:
    """The provider no longer knows the person.

    The row stays for the record and for what the person made; what identifies him at the provider is
    cleared, so that the user name may be given to another account, and group memberships end.
    """
    left = Group.objects.filter(memberships__user=user)
    Group.objects.filter(pk__in=left.values("pk")).update(version=F("version") + 1, changed_at=Now())
    Membership.objects.filter(user=user).delete()
    User.objects.filter(manager=user).update(manager=None, version=F("version") + 1, changed_at=Now())
    end_all_logins(user=user, end=LoginSession.End.DEACTIVATED)
    User.objects.filter(pk=user.pk).update(
        is_active=False,
        removed_at=timezone.now(),
        username=f"removed:{user.pk}",
        external_id="",
        email="",
        employee_number="",
        manager=None,
        version=F("version") + 1,
    )
    record(Event.USER_REMOVED, by=by, tenant=user.tenant_id, person=user.pk)
    begin_offboarding(by=by, user=user)
