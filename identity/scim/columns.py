"""Which attribute is which column, and what can be asked of each kind of column."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Expression, F, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Lower, NullIf
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.utils.dateparse import parse_datetime
from scim2_models import InvalidFilterException
from scim2_models.path import CompareOperator

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
        """`value` against the column; LIKE's wildcards in it stand for themselves.

        The database folds the case of both sides, so that they are folded alike and the index serves.
        """
        if value is None:
            return _absent_or_present(self.present(), op)
        if not isinstance(value, str):
            raise InvalidFilterException(detail="A text is expected here.")
        case = "" if self.exact else "i"
        if op in _PARTIAL:
            return Q(**{f"{self.field}__{case}{_PARTIAL[op]}": value}) & self.present()
        left, right = self._sides(value)
        if op in _ORDERING:
            return Q(_ORDERING[op](left, right)) & self.present()
        equal = Q(Exact(left, right))
        return equal if op is CompareOperator.eq else ~equal

    def order(self) -> Expression:
        folded = F(self.field) if self.exact else Lower(self.field)
        return NullIf(folded, Value(""), output_field=TextField())

    def _sides(self, value: str) -> tuple[Any, Any]:
        text = Value(value, output_field=TextField())
        return (F(self.field), text) if self.exact else (Lower(self.field), Lower(text))


@dataclass(frozen=True)
class Id:
    """A column of ids, or the primary key; text that is no id equals none."""

    field: str
    nullable: bool = False

    def present(self) -> Q:
        return Q(**{f"{self.field}__isnull": False}) if self.nullable else ~NOTHING

    def compare(self, op: CompareOperator, value: Any) -> Q:
        if value is None:
            return _absent_or_present(self.present(), op)
        if op in _PARTIAL:
            return Q(**{f"{self.field}__{_PARTIAL[op]}": str(value)})
        if op not in {CompareOperator.eq, CompareOperator.ne}:
            raise InvalidFilterException(detail="Ids have no order.")
        try:
            equal = Q(**{self.field: uuid.UUID(str(value))})
        except ValueError:
            equal = NOTHING
        return equal if op is CompareOperator.eq else ~equal

    def order(self) -> Expression:
        return Cast(self.field, TextField())


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

    def order(self) -> Expression:
        return Cast(self.field, TextField())


@dataclass(frozen=True)
class Moment:
    """A column of times."""

    field: str

    def present(self) -> Q:
        return ~NOTHING

    def compare(self, op: CompareOperator, value: Any) -> Q:
        if value is None:
            return _absent_or_present(self.present(), op)
        try:
            moment = parse_datetime(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or op in _PARTIAL:
            raise InvalidFilterException(detail="A time with its zone is expected here.")
        suffix = {"gt": "__gt", "ge": "__gte", "lt": "__lt", "le": "__lte"}.get(op.value, "")
        condition = Q(**{f"{self.field}{suffix}": moment})
        return ~condition if op is CompareOperator.ne else condition

    def order(self) -> Expression:
        return Cast(self.field, TextField())


@dataclass(frozen=True)
class Constant:
    """A sub-attribute that is the same wherever its attribute is present; `of` None: everywhere."""

    of: Text | None
    value: object

    def present(self) -> Q:
        return self.of.present() if self.of else ~NOTHING

    def compare(self, op: CompareOperator, value: Any) -> Q:
        if op not in {CompareOperator.eq, CompareOperator.ne}:
            raise InvalidFilterException(detail="Only `eq` and `ne` apply here.")
        same = str(value).lower() == str(self.value).lower()
        return self.present() if same == (op is CompareOperator.eq) else NOTHING

    def order(self) -> Expression:
        return Value(str(self.value), output_field=TextField())


@dataclass(frozen=True)
class MemberId:
    """Members of a group: a condition holds when it holds for any of them."""

    def present(self) -> Q:
        return Q(Exists(Membership.objects.filter(group=OuterRef("pk"))))

    def compare(self, op: CompareOperator, value: Any) -> Q:
        if value is None:
            return _absent_or_present(self.present(), op)
        condition = Id("user_id").compare(op, value)
        return Q(Exists(Membership.objects.filter(condition, group=OuterRef("pk"))))

    def order(self) -> Expression | None:
        return None


Column = Text | Id | Flag | Moment | Constant | MemberId
Columns = Mapping[str, Column]
_EMAIL = Text("email")
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:"

USER_COLUMNS: Columns = {
    "id": Id("pk"),
    "externalid": Text("external_id", exact=True),
    "username": Text("username"),
    "displayname": Text("display_name"),
    "name.formatted": Text("formatted_name"),
    "name.givenname": Text("given_name"),
    "name.familyname": Text("family_name"),
    "title": Text("job_title"),
    "timezone": Text("time_zone"),
    "active": Flag("is_active"),
    "emails": _EMAIL,
    "emails.value": _EMAIL,
    "emails.type": Text("email_type"),
    "emails.primary": Flag("email_primary"),
    "meta.resourcetype": Constant(None, "User"),
    "meta.created": Moment("created_at"),
    "meta.lastmodified": Moment("changed_at"),
    f"{_ENTERPRISE}department": Text("unit"),
    f"{_ENTERPRISE}employeenumber": Text("employee_number"),
    f"{_ENTERPRISE}costcenter": Text("cost_center"),
    f"{_ENTERPRISE}organization": Text("organization"),
    f"{_ENTERPRISE}division": Text("division"),
    f"{_ENTERPRISE}manager": Id("manager_id", nullable=True),
    f"{_ENTERPRISE}manager.value": Id("manager_id", nullable=True),
}
GROUP_COLUMNS: Columns = {
    "id": Id("pk"),
    "externalid": Text("external_id", exact=True),
    "displayname": Text("name"),
    "members": MemberId(),
    "members.value": MemberId(),
    "meta.resourcetype": Constant(None, "Group"),
    "meta.lastmodified": Moment("changed_at"),
}
# One member of a group, as `members[...]` selects them in the path of a PATCH: rows of people.
MEMBER_COLUMNS: Columns = {
    "value": Id("pk"),
    "display": Text("display_name"),
}


def _absent_or_present(present: Q, op: CompareOperator) -> Q:
    """`eq null` is "not pr", `ne null` is "pr"; nothing else compares with null."""
    if op not in {CompareOperator.eq, CompareOperator.ne}:
        raise InvalidFilterException(detail="Only `eq` and `ne` compare with null.")
    return ~present if op is CompareOperator.eq else present
