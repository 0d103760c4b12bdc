"""Changes to a group's members as sets of ids, since there may be thousands (RFC 7644, 3.5.2)."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from scim2_models import InvalidValueException, MutabilityException, Path
from scim2_models.path import AttrPath, CompareOperator, Comparison, ValuePath

from identity.models import Group, User
from identity.scim import filters
from identity.scim.columns import MEMBER_COLUMNS
from identity.scim.mapping import as_uuid
from identity.scim.payload import member

URN = "urn:ietf:params:scim:schemas:core:2.0:group:"


@dataclass
class Change:
    """What operations come to: `cleared` first, then `removed` and `added`, which have nothing in common."""

    cleared: bool = False
    added: set[uuid.UUID] = field(default_factory=set)
    removed: set[uuid.UUID] = field(default_factory=set)

    def add(self, ids: set[uuid.UUID]) -> None:
        self.added |= ids
        self.removed -= ids

    def remove(self, ids: set[uuid.UUID]) -> None:
        self.removed |= ids
        self.added -= ids

    def replace(self, ids: set[uuid.UUID]) -> None:
        self.cleared, self.added, self.removed = True, set(ids), set()


def ids_of(value: Any) -> set[uuid.UUID]:
    """The people that the value of `members` names.

    Raises:
        InvalidValueException: it is no list of members, a member has no id or is a group.
    """
    entries = value if isinstance(value, list) else [value]
    return {_id_of(entry) for entry in entries if entry is not None}


def split(body: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """`body` without its members, and the values under their name (one at most, unless it is qualified
    by its schema too)."""
    rest = {key: value for key, value in body.items() if not _is_members(key)}
    return rest, [value for key, value in body.items() if _is_members(key)]


def apply(change: Change, group: Group, operation: dict[str, Any]) -> dict[str, Any] | None:
    """Do to `change` what `operation` says of members; returns what is left of it for other attributes.

    Raises:
        SCIMException: it cannot be done; its kind says why.
    """
    op, path, value = (member(operation, name) for name in ("op", "path", "value"))
    op = op.lower() if isinstance(op, str) else op
    if path is None and isinstance(value, dict) and op in {"add", "replace"}:
        rest, found = split(value)
        for members in found:
            (change.add if op == "add" else change.replace)(ids_of(members))
        return {"op": op, "value": rest} if rest or not found else None
    if not isinstance(path, str) or not _is_members(path):
        return operation
    _at_path(change, group, op, path, value)
    return None


def _at_path(change: Change, group: Group, op: Any, path: str, value: Any) -> None:
    node = Path[Any](path).ast
    if isinstance(node, AttrPath) and node.sub_attr is None:
        _whole(change, op, value)
    elif isinstance(node, ValuePath) and node.sub_attr is None and op == "remove":
        change.remove(_selected(change, group, node))
    elif op in {"add", "replace", "remove"}:
        raise MutabilityException(detail="A member can be added and removed, not changed.")
    else:
        raise InvalidValueException(detail="The operation is none of add, replace and remove.")


def _whole(change: Change, op: Any, value: Any) -> None:
    """`members` itself. Entra removes by value, which the RFC has by path alone."""
    if op == "add":
        change.add(ids_of(_some(value)))
    elif op == "replace":
        change.replace(ids_of([] if value is None else value))
    elif op == "remove" and value is None:
        change.replace(set())
    elif op == "remove":
        change.remove(ids_of(value))
    else:
        raise InvalidValueException(detail="The operation is none of add, replace and remove.")


def _selected(change: Change, group: Group, node: ValuePath) -> set[uuid.UUID]:
    """The members that `members[...]` selects."""
    asked = node.val_filter
    if isinstance(asked, Comparison) and asked.op is CompareOperator.eq and asked.attr_path.attr == "value":
        try:
            return {uuid.UUID(str(asked.value))}
        except ValueError:
            return set()
    condition = filters.of_node(asked, MEMBER_COLUMNS)
    among = Q(pk__in=change.added)
    if not change.cleared:
        among |= Q(memberships__group=group)
    found = User.objects.filter(condition, among, tenant_id=group.tenant_id)
    return set(found.values_list("pk", flat=True))


def _is_members(name: str) -> bool:
    """Whether the attribute or path is members, or something of them."""
    bare = name.lower().removeprefix(URN)
    return bare == "members" or bare.startswith(("members[", "members."))


def _some(value: Any) -> Any:
    if value is None:
        raise InvalidValueException(detail="Members to add are expected.")
    return value


def _id_of(entry: Any) -> uuid.UUID:
    if isinstance(entry, str):
        return as_uuid(entry)
    if not isinstance(entry, dict):
        raise InvalidValueException(detail="A member is an object with the id of a person as its value.")
    kind = member(entry, "type")
    if kind is not None and str(kind).lower() != "user":
        raise InvalidValueException(detail="Groups inside groups are not taken.")
    return as_uuid(member(entry, "value"))
