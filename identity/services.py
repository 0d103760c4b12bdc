"""Writes to people, groups and their rights: on word of a provider (SCIM) or from the operator's shell.

`by` is the SCIM client or the person who acts, None for the operator's own shell. Every write records
its event in the same transaction. Nothing here ever sets a password.
"""

import secrets
import uuid
import zoneinfo
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict
from identity.models import Group, Membership, Role, RoleGrant, ScimClient, Tenant, User
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import Actor, record

IDS_AN_EVENT = 500  # so that a change of a huge group fits the size limit of an event's body


@dataclass(frozen=True)
class Profile:
    """What a provider says of a person. Empty `external_id`: known, but cannot sign in."""

    username: str
    external_id: str
    display_name: str
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    job_title: str = ""
    unit: str = ""
    time_zone: str = "UTC"
    manager_id: uuid.UUID | None = None
    is_active: bool = True

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
    _check(user)
    _save(user, creating=True)
    record(Event.USER_PROVISIONED, by=by, tenant=tenant, person=user.pk, facts={"active": user.is_active})
    return user


@transaction.atomic
def change_user(*, by: Actor | None, user: User, profile: Profile) -> User:
    """Bring the account to `profile`; deactivation ends every session at its next request.

    `user` is a locked row (`select_for_update`). The record names which attributes changed, not their
    values. Raises as provision_user does.
    """
    before, after = asdict(Profile.of(user)), asdict(profile)
    changed = sorted(name for name in after if after[name] != before[name])
    if not changed:
        return user
    for name in changed:
        setattr(user, name, after[name])
    _check(user)
    if "is_active" in changed and not user.is_active:
        user.session_epoch += 1
    _save(user)
    if "is_active" in changed:
        changed.remove("is_active")
        event = Event.USER_REACTIVATED if user.is_active else Event.USER_DEACTIVATED
        record(event, by=by, tenant=user.tenant_id, person=user.pk)
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
    Membership.objects.filter(user=user).delete()
    User.objects.filter(manager=user).update(manager=None)
    User.objects.filter(pk=user.pk).update(
        is_active=False,
        removed_at=timezone.now(),
        session_epoch=F("session_epoch") + 1,
        username=f"removed:{user.pk}",
        external_id="",
        email="",
        manager=None,
    )
    record(Event.USER_REMOVED, by=by, tenant=user.tenant_id, person=user.pk)


@transaction.atomic
def end_sessions(*, by: Actor | None, user: User) -> None:
    """End every session of the person at its next request; he may sign in again."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    record(Event.SESSIONS_ENDED, by=by, tenant=user.tenant_id, person=user.pk)


@transaction.atomic
def provision_group(
    *,
    by: Actor | None,
    tenant: uuid.UUID,
    name: str,
    external_id: str = "",
    members: Iterable[uuid.UUID] = (),
) -> Group:
    """A new group with its members.

    Raises:
        BadInput: a value does not fit, or a member is none of this tenant.
        Conflict: the tenant has a group of that name or external id.
    """
    group = Group(tenant_id=tenant, name=name, external_id=external_id)
    _check(group)
    _save(group, creating=True)
    record(Event.GROUP_PROVISIONED, by=by, tenant=tenant, obj=f"group:{group.pk}")
    set_group_members(by=by, group=group, members=members)
    return group


@transaction.atomic
def change_group(
    *, by: Actor | None, group: Group, name: str, external_id: str, members: Iterable[uuid.UUID] | None = None
) -> Group:
    """Rename the group and set its members; None leaves them. `group` is a locked row."""
    renamed = (group.name, group.external_id) != (name, external_id)
    group.name, group.external_id = name, external_id
    _check(group)
    _save(group)
    if renamed:
        record(
            Event.GROUP_CHANGED,
            by=by,
            tenant=group.tenant_id,
            obj=f"group:{group.pk}",
            facts={"renamed": True},
        )
    if members is not None:
        set_group_members(by=by, group=group, members=members)
    return group


@transaction.atomic
def set_group_members(
    *, by: Actor | None, group: Group, members: Iterable[uuid.UUID]
) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Make exactly `members` the group's members; returns who was added and who was taken out.

    Works on sets, not row by row: thousands of members cost a handful of statements.

    Raises:
        BadInput: a member is none of this tenant's people.
    """
    wanted = set(members)
    present = set(Membership.objects.filter(group=group).values_list("user_id", flat=True))
    added, gone = wanted - present, present - wanted
    known = set(
        User.objects.filter(tenant_id=group.tenant_id, removed_at=None, pk__in=added).values_list(
            "pk", flat=True
        )
    )
    if known != added:
        raise BadInput(_("A member of the group is not among the people of this tenant."), code="member")
    Membership.objects.filter(group=group, user_id__in=gone).delete()
    Membership.objects.bulk_create(
        [Membership(tenant_id=group.tenant_id, group=group, user_id=user) for user in added],
        ignore_conflicts=True,
        batch_size=1000,
    )
    _record_members(by, group, "added", added)
    _record_members(by, group, "removed", gone)
    return added, gone


@transaction.atomic
def remove_group(*, by: Actor | None, group: Group) -> None:
    """Delete the group; its members lose what it granted at their next request."""
    set_group_members(by=by, group=group, members=())
    record(Event.GROUP_REMOVED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}")
    group.delete()


def create_tenant(*, by: Actor | None, slug: str, name: str) -> Tenant:
    """A new tenant, empty."""
    with transaction.atomic():
        tenant = Tenant.objects.create(slug=slug, name=name)
        with tenant_scope(tenant.pk):
            record(Event.TENANT_CREATED, by=by, tenant=tenant.pk, obj=f"tenant:{tenant.pk}")
    return tenant


@transaction.atomic
def grant_role(*, by: Actor | None, group: Group, role: Role) -> RoleGrant:
    """Members of `group` hold `role` from their next request on; granting twice changes nothing."""
    grant, made = RoleGrant.objects.get_or_create(tenant_id=group.tenant_id, group=group, role=role)
    if made:
        facts = {"role": Role(role).value}
        record(Event.ROLE_GRANTED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}", facts=facts)
    return grant


@transaction.atomic
def revoke_role(*, by: Actor | None, group: Group, role: Role) -> None:
    """Members of `group` no longer hold `role` through it."""
    deleted, _kinds = RoleGrant.objects.filter(group=group, role=role).delete()
    if deleted:
        facts = {"role": Role(role).value}
        record(Event.ROLE_REVOKED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}", facts=facts)


@transaction.atomic
def issue_scim_token(*, by: Actor | None, tenant: Tenant, name: str) -> tuple[ScimClient, str]:
    """A new right to push into `tenant`; the token is returned this once and kept only as a hash.

    To rotate, issue a second one, change the provider over, revoke the first.
    """
    token = f"scim_{secrets.token_urlsafe(32)}"
    client = ScimClient.objects.create(tenant=tenant, name=name, token_hash=ScimClient.hash_of(token))
    record(Event.SCIM_CLIENT_CREATED, by=by, tenant=tenant.pk, obj=f"scim_client:{client.pk}")
    return client, token


@transaction.atomic
def revoke_scim_client(*, by: Actor | None, client: ScimClient) -> None:
    """The client's token is refused from its next request on."""
    if ScimClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(Event.SCIM_CLIENT_REVOKED, by=by, tenant=client.tenant_id, obj=f"scim_client:{client.pk}")


def _check(row: User | Group) -> None:
    """Length and form of each value; uniqueness is left to the database, which alone can know."""
    try:
        row.clean_fields(exclude=["password", "manager", "tenant"])
    except ValidationError as error:
        name, texts = next(iter(error.message_dict.items()))
        raise BadInput(f"{name}: {texts[0]}", code=name) from error
    if not isinstance(row, User):
        return
    if row.time_zone not in zoneinfo.available_timezones():
        raise BadInput(_("The time zone is not one of the IANA database."), code="time_zone")
    if row.manager_id is None:
        return
    same_tenant = User.objects.filter(pk=row.manager_id, tenant_id=row.tenant_id, removed_at=None)
    if row.manager_id == row.pk or not same_tenant.exists():
        raise BadInput(_("The manager is not among the people of this tenant."), code="manager")


def _save(row: User | Group, *, creating: bool = False) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=creating)
    except IntegrityError as error:
        raise Conflict(
            _("Another account or group has this name or this id at the provider."), code="uniqueness"
        ) from error


def _record_members(by: Actor | None, group: Group, what: str, ids: set[uuid.UUID]) -> None:
    ordered = sorted(map(str, ids))
    for start in range(0, len(ordered), IDS_AN_EVENT):
        facts = {what: ordered[start : start + IDS_AN_EVENT]}
        record(Event.GROUP_CHANGED, by=by, tenant=group.tenant_id, obj=f"group:{group.pk}", facts=facts)
