"""SCIM filters (RFC 7644, 3.4.2.2) as database conditions. What cannot be asked is refused, never dropped."""

import re
from collections.abc import Container
from functools import reduce
from operator import and_, or_

from django.db.models import Q
from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from identity.scim.columns import NOTHING, Column, Columns
from identity.scim.payload import check_text

MAX_LENGTH = 8000  # characters
MAX_TERMS = 100
MAX_DEPTH = 20
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"')


def condition(text: str, columns: Columns, elsewhere: Container[str] = ()) -> Q:
    """The database condition that the filter `text` stands for.

    `elsewhere` are attributes that another kind of resource has: here they match nothing (3.4.2.1).

    Raises:
        InvalidFilterException: bad syntax, too much of it, or an attribute or comparison that is not
            supported.
    """
    check_size(text)
    return of_node(ScimFilter(text).ast, columns, elsewhere)


def of_node(node: FilterNode, columns: Columns, elsewhere: Container[str] = ()) -> Q:
    """As condition(), of a filter that is parsed already."""
    return _ToCondition(columns, elsewhere).visit(node)


def check_size(text: str) -> None:
    """Go on if `text` is no filter bomb; its size is looked at before it is parsed.

    Raises:
        InvalidFilterException: it is too long, too deep or has too many terms.
    """
    check_text(text)
    bare = _TEXTS.sub('""', text) if len(text) <= MAX_LENGTH else ""
    depth = deepest = 0
    for sign in bare:
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    terms = len(re.findall(r"\s(?:and|or)\s", bare, re.IGNORECASE)) + 1
    if len(text) > MAX_LENGTH or deepest > MAX_DEPTH or terms > MAX_TERMS:
        raise InvalidFilterException(
            detail=f"At most {MAX_LENGTH} characters, {MAX_TERMS} terms and {MAX_DEPTH} levels are taken."
        )


def key(path: AttrPath) -> str:
    """The attribute in lower case, with the schema's name for extensions alone."""
    uri = (path.uri or "").lower()
    core = not uri or uri.startswith("urn:ietf:params:scim:schemas:core:2.0:")
    name = path.attr if path.sub_attr is None else f"{path.attr}.{path.sub_attr}"
    return name.lower() if core else f"{uri}:{name.lower()}"


class _ToCondition(FilterVisitor[Q]):
    """Walks the parsed filter; `prefix` is the attribute whose values a `[...]` selects from."""

    def __init__(self, columns: Columns, elsewhere: Container[str], prefix: str = "") -> None:
        self.columns = columns
        self.elsewhere = elsewhere
        self.prefix = prefix

    def visit_comparison(self, node: Comparison) -> Q:
        column = self._column(node.attr_path)
        if isinstance(node.value, str):
            check_text(node.value)  # an escape in the filter may stand for a NUL
        return column.compare(node.op, node.value) if column else NOTHING

    def visit_present(self, node: Present) -> Q:
        column = self._column(node.attr_path)
        return column.present() if column else NOTHING

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        joined = and_ if node.op is LogicalOperator.and_ else or_
        return reduce(joined, [self.visit(term) for term in node.terms])

    def visit_value_path(self, node: ValuePath) -> Q:
        """`emails[...]` selects from one value and can be asked whole; of members only one term can."""
        attribute = key(node.attr_path)
        several = attribute == "members" and not isinstance(node.val_filter, Comparison)
        if self.prefix or several or node.sub_attr:
            raise InvalidFilterException(detail="This selection of values is not supported.")
        inner = _ToCondition(self.columns, self.elsewhere, f"{attribute}.").visit(node.val_filter)
        whole = self.columns.get(attribute)
        return inner & whole.present() if whole else inner

    def _column(self, path: AttrPath) -> Column | None:
        name = self.prefix + key(path)
        column = self.columns.get(name)
        if column is None and name not in self.elsewhere:
            raise InvalidFilterException(detail=f"It is not possible to filter by {path}.")
        return column
