"""SCIM filters (RFC 7644, 3.4.2.2) as database conditions. What cannot be asked is refused, never dropped."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.utils.dateparse import parse_datetime
from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from identity.models import Membership

_ORDERING = {
    CompareOperator.gt: GreaterThan,
    CompareOperator.ge: GreaterThanOrEqual,
    CompareOperator.lt: LessThan,
    CompareOperator.le: LessThanOrEqual,
}
_PARTIAL = {CompareOperator.co: "contains", CompareOperator.sw: "startswith", CompareOperator.ew: "endswith"}
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Text:
    """A text column; empty means absent."""

    field: str
    exact: bool = False

    def present(self) -> Q:
        return ~Q(**{self.field: ""})

    def compare(self, op: CompareOperator, value: Any) -> Q:
        """`value` against the column; LIKE's wildcards in it stand for themselves."""
        if value is None:
            return ~self.present() if op is CompareOperator.eq else self.present()
        if not isinstance(value, str):
            raise InvalidFilterException(detail="A text is expected here.")
        case = "" if self.exact else "i"
        if op in _PARTIAL:
            return Q(**{f"{self.field}__{case}{_PARTIAL[op]}": value})
        if op in _ORDERING:
            left = F(self.field) if self.exact else Lower(self.field)
            return Q(_ORDERING[op](left, Value(value if self.exact else value.lower())))
        equal = Q(**{self.field: value}) if self.exact else Q(Exact(Lower(self.field), Value(value.lower())))
        return equal if op is CompareOperator.eq else ~equal


@dataclass(frozen=True)
class Id:
    """A column of ids, or the primary key; text that is no id equals none."""

    field: str
    nullable: bool = False

    def present(self) -> Q:
        return Q(**{f"{self.field}__isnull": False}) if self.nullable else ~NOTHING

    def compare(self, op: CompareOperator, value: Any) -> Q:
        if value is None:
            return ~self.present() if op is CompareOperator.eq else self.present()
        if op in _PARTIAL:
            return Q(**{f"{self.field}__{_PARTIAL[op]}": str(value)})
        if op not in {CompareOperator.eq, CompareOperator.ne}:
            raise InvalidFilterException(detail="Ids have no order.")
        try:
            equal = Q(**{self.field: uuid.UUID(str(value))})
        except ValueError:
            equal = NOTHING
        return equal if op is CompareOperator.eq else ~equal


@dataclass(frozen=True)
class Flag:
    """A boolean column. Text in any case counts too: some providers send "False"."""

    field: str

    def present(self) -> Q:
        return ~NOTHING

    def compare(self, op: CompareOperator, value: Any) -> Q:
        truth = {"true": True, "false": False}.get(str(value).lower())
        if truth is None or op not in {CompareOperator.eq, CompareOperator.ne}:
            raise InvalidFilterException(detail="Only `eq true` and `eq false` apply here.")
        return Q(**{self.field: truth == (op is CompareOperator.eq)})


@dataclass(frozen=True)
class Moment:
    """A column of times."""

    field: str

    def present(self) -> Q:
        return ~NOTHING

    def compare(self, op: CompareOperator, value: Any) -> Q:
        moment = parse_datetime(str(value))
        if moment is None or moment.tzinfo is None or op in _PARTIAL:
            raise InvalidFilterException(detail="A time with its zone is expected here.")
        suffix = {"gt": "__gt", "ge": "__gte", "lt": "__lt", "le": "__lte"}.get(op.value, "")
        condition = Q(**{f"{self.field}{suffix}": moment})
        return ~condition if op is CompareOperator.ne else condition


@dataclass(frozen=True)
class Constant:
    """A sub-attribute that is the same wherever its attribute is present."""

    of: Text
    value: object

    def present(self) -> Q:
        return self.of.present()

    def compare(self, op: CompareOperator, value: Any) -> Q:
        if op not in {CompareOperator.eq, CompareOperator.ne}:
            raise InvalidFilterException(detail="Only `eq` and `ne` apply here.")
        same = str(value).lower() == str(self.value).lower()
        return self.of.present() if same == (op is CompareOperator.eq) else NOTHING


@dataclass(frozen=True)
class MemberId:
    """Members of a group: a condition holds when it holds for any of them."""

    def present(self) -> Q:
        return Q(Exists(Membership.objects.filter(group=OuterRef("pk"))))

    def compare(self, op: CompareOperator, value: Any) -> Q:
        condition = Id("user_id").compare(op, value)
        return Q(Exists(Membership.objects.filter(condition, group=OuterRef("pk"))))


Column = Text | Id | Flag | Moment | Constant | MemberId
_EMAIL = Text("email")
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:"

USER_COLUMNS: Mapping[str, Column] = {
    "id": Id("pk"),
    "externalid": Text("external_id", exact=True),
    "username": Text("username"),
    "displayname": Text("display_name"),
    "name": Text("display_name"),
    "name.formatted": Text("display_name"),
    "name.givenname": Text("given_name"),
    "name.familyname": Text("family_name"),
    "title": Text("job_title"),
    "timezone": Text("time_zone"),
    "active": Flag("is_active"),
    "emails": _EMAIL,
    "emails.value": _EMAIL,
    "emails.type": Constant(_EMAIL, "work"),
    "emails.primary": Constant(_EMAIL, True),
    "meta.created": Moment("created_at"),
    "meta.lastmodified": Moment("changed_at"),
    f"{_ENTERPRISE}department": Text("unit"),
    f"{_ENTERPRISE}manager": Id("manager_id", nullable=True),
    f"{_ENTERPRISE}manager.value": Id("manager_id", nullable=True),
}
GROUP_COLUMNS: Mapping[str, Column] = {
    "id": Id("pk"),
    "externalid": Text("external_id", exact=True),
    "displayname": Text("name"),
    "members": MemberId(),
    "members.value": MemberId(),
    "meta.lastmodified": Moment("changed_at"),
}


class _ToCondition(FilterVisitor[Q]):
    """Walks the parsed filter; `prefix` is the attribute whose values a `[...]` selects from."""

    def __init__(self, columns: Mapping[str, Column], prefix: str = "") -> None:
        self.columns = columns
        self.prefix = prefix

    def visit_comparison(self, node: Comparison) -> Q:
        return self._column(node.attr_path).compare(node.op, node.value)

    def visit_present(self, node: Present) -> Q:
        return self._column(node.attr_path).present()

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        joined = and_ if node.op is LogicalOperator.and_ else or_
        return reduce(joined, [self.visit(term) for term in node.terms])

    def visit_value_path(self, node: ValuePath) -> Q:
        several = _key(node.attr_path) == "members" and not isinstance(node.val_filter, Comparison)
        if self.prefix or several:
            raise InvalidFilterException(detail="This selection of values is not supported.")
        return _ToCondition(self.columns, f"{_key(node.attr_path)}.").visit(node.val_filter)

    def _column(self, path: AttrPath) -> Column:
        column = self.columns.get(self.prefix + _key(path))
        if column is None:
            raise InvalidFilterException(detail=f"It is not possible to filter by {path}.")
        return column


def _key(path: AttrPath) -> str:
    """The attribute in lower case, with the schema's name for extensions alone."""
    uri = (path.uri or "").lower()
    core = not uri or uri.startswith("urn:ietf:params:scim:schemas:core:2.0:")
    name = path.attr if path.sub_attr is None else f"{path.attr}.{path.sub_attr}"
    return name.lower() if core else f"{uri}:{name.lower()}"


def condition(text: str, columns: Mapping[str, Column]) -> Q:
    """The database condition that the filter `text` stands for.

    Raises:
        InvalidFilterException: bad syntax, or an attribute or comparison that is not supported.
    """
    node: FilterNode = ScimFilter(text).ast
    return _ToCondition(columns).visit(node)
