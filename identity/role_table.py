"""Reads of the table of groups and portal roles, and of what a change in it would do."""

import uuid
from collections.abc import Iterable, Mapping

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from identity.effects import Effect, Pairs, Total
from identity.models import Group, Membership, Role, RoleChange, RoleGrant, User

Change = tuple[uuid.UUID, str, bool]  # group, role, whether it is to be granted
# steps of approvals ask people who hold these (policy/library/approval_tier.rego)
DECIDERS = (Role.SECURITY, Role.REVIEWER)


def groups(words: str = "", *, granting: bool = False) -> "QuerySet[Group]":
    """Groups by name, those that grant a role first, with how many active members they have (`people`)."""
    grants = RoleGrant.objects.filter(group=OuterRef("pk"))
    members = Membership.objects.filter(group=OuterRef("pk"), user__is_active=True).order_by()
    people = Subquery(members.values("group").annotate(n=Count("pk")).values("n"))
    found = Group.objects.annotate(people=Coalesce(people, 0), grants=Exists(grants))
    if words:
        found = found.filter(name__icontains=words)
    if granting:
        found = found.filter(grants=True)
    return found.order_by("-grants", "name", "pk")


def grants_of(group_ids: Iterable[uuid.UUID]) -> Pairs:
    """Which roles these groups grant now."""
    rows = RoleGrant.objects.filter(group__in=list(group_ids))
    return frozenset((group, role) for group, role in rows.values_list("group_id", "role"))


def plan_of(user: User) -> RoleChange | None:
    """What `user` is about to change."""
    return RoleChange.objects.filter(admin=user).first()


def planned(plan: RoleChange | None) -> list[Change]:
    """The changes of a plan."""
    return [(uuid.UUID(group), role, on) for group, role, on in plan.changes] if plan else []


def effect_of(changes: Iterable[Change]) -> Effect:
    """What `changes` would do to people now; what is done already, or whose group is gone, does nothing."""
    wanted = list(changes)
    roles = {role for _group, role, _on in wanted}
    rows = RoleGrant.objects.filter(role__in=roles).values_list("group_id", "role")
    before = frozenset((group, role) for group, role in rows)
    known = set(Group.objects.filter(pk__in={one[0] for one in wanted}).values_list("pk", flat=True))
    added = {(group, role) for group, role, on in wanted if on and group in known}
    return Effect(before, (before - {(group, role) for group, role, on in wanted if not on}) | added)


def takes_last_admin(totals: Mapping[str, Total]) -> bool:
    """Whether somebody is admin before and nobody after."""
    admins = totals.get(Role.ADMIN)
    return bool(admins and admins.before and not admins.after)


def left_without(totals: Mapping[str, Total]) -> list[Role]:
    """Roles that approvals ask for, and that nobody would hold any more."""
    return [role for role in DECIDERS if role in totals and totals[role].before and not totals[role].after]


def names_of(group_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names of groups by id."""
    return dict(Group.objects.filter(pk__in=list(group_ids)).values_list("pk", "name"))


def people(tenant: uuid.UUID, words: str = "", role: str = "") -> "QuerySet[User]":
    """People of the tenant by name, those whom the provider has removed left out; `role`: who hold it."""
    found = User.objects.filter(tenant=tenant, removed_at=None)
    if words:
        found = found.filter(Q(display_name__icontains=words) | Q(unit__icontains=words))
    if role:
        granting = RoleGrant.objects.filter(role=role).values("group")
        found = found.filter(
            Exists(Membership.objects.filter(user=OuterRef("pk"), group__in=granting)), is_active=True
        )
    return found.order_by("display_name", "pk")


def roles_by_person(people: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The roles that groups grant each of these people, in the order of the roles. One query."""
    rows = RoleGrant.objects.filter(
        group__memberships__user__in=list(people), group__memberships__user__is_active=True
    )
    found: dict[uuid.UUID, set[str]] = {}
    for user, role in rows.values_list("group__memberships__user", "role"):
        found.setdefault(user, set()).add(role)
    return {user: [role for role in Role.values if role in held] for user, held in found.items()}
