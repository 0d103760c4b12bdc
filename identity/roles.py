"""Portal roles from groups (I3): effective at the next request, since they are read on each."""

from functools import cached_property

from identity.models import Role, RoleGrant, User

__all__ = ["Access", "Role", "access_of", "group_names", "roles_of"]


class Access:
    """The groups and roles of one person, read once in one query and kept for the request."""

    def __init__(self, user: User) -> None:
        self._user = user

    @cached_property
    def _rows(self) -> list[tuple[str, str | None]]:
        if not self._user.is_active:
            return []
        return list(self._user.memberships.values_list("group__name", "group__role_grants__role").order_by())

    @cached_property
    def groups(self) -> frozenset[str]:
        """Names of the person's groups."""
        return frozenset(name for name, _role in self._rows)

    @cached_property
    def granted_by(self) -> dict[Role, tuple[str, ...]]:
        """Each role that groups grant, with the names of those groups."""
        found: dict[Role, list[str]] = {}
        for name, role in sorted(self._rows, key=lambda row: row[0]):
            if role:
                found.setdefault(Role(role), []).append(name)
        return {role: tuple(names) for role, names in found.items()}

    @cached_property
    def roles(self) -> frozenset[Role]:
        """Every signed-in active person is an end user; groups add the rest, and break-glass for its time
        the right of an admin (portal/middleware.py marks the person of such a session)."""
        if not self._user.is_active:
            return frozenset()
        granted = {Role(role) for _name, role in self._rows if role}
        if self._user.breaks_glass:
            granted.add(Role.ADMIN)
        return frozenset({Role.END_USER, *granted})


def access_of(user: User) -> Access:
    """The person's access, remembered on the object so that one request asks once."""
    access = getattr(user, "_access", None)
    if access is None:
        access = Access(user)
        user._access = access  # type: ignore[attr-defined]
    return access


def roles_of(user: User) -> frozenset[Role]:
    """The portal roles of `user` in the tenant at hand."""
    return access_of(user).roles


def group_names(user: User) -> frozenset[str]:
    """The names of `user`'s groups in the tenant at hand."""
    return access_of(user).groups


def holders(role: Role) -> "list[User]":
    """Active people of the tenant at hand who hold `role`, by name."""
    groups = RoleGrant.objects.filter(role=role).values("group")
    return list(User.objects.filter(is_active=True, memberships__group__in=groups).distinct())
