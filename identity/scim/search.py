"""Lists: filter, order and page over one kind of resource or several (RFC 7644, 3.4.2 and 3.4.3)."""

import uuid
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.http import HttpResponse
from scim2_models import Context, InvalidPathException, InvalidValueException, SearchRequest

from identity.models import ScimClient
from identity.scim import filters
from identity.scim.adapters import Adapter
from identity.scim.answers import listed
from identity.scim.payload import check_text, member
from identity.scim.provider import MAX_RESULTS, POLICY

NAMES = ("filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes")
MAX_START = 2**31  # further than any list goes, and a number that the database takes
Kinds = Sequence[type[Adapter[Any]]]


def of_query(query: Mapping[str, str], message: Any) -> SearchRequest[Any]:
    """What a GET asks for. Names count in any case, empty values as absent."""
    given = {name.lower(): value for name, value in query.items() if value != ""}
    asked = {name: given[name.lower()] for name in NAMES if name.lower() in given}
    return _checked(asked, message, None)


def of_body(body: dict[str, Any], message: Any) -> SearchRequest[Any]:
    """What a POST to /.search asks for."""
    return _checked(body, message, Context.SEARCH_REQUEST)


def parameters(query: Mapping[str, str], message: Any) -> Any:
    """`attributes` and `excludedAttributes` of a request for one resource (RFC 7644, 3.9)."""
    given = {name.lower(): value for name, value in query.items() if value != ""}
    asked = {name: given[name.lower()] for name in NAMES[-2:] if name.lower() in given}
    return _checked(asked, message, None)


def answered(client: ScimClient, kinds: Kinds, asked: SearchRequest[Any]) -> HttpResponse:
    """The page of what `asked` finds. The number of queries depends on the kinds alone."""
    start = min(asked.start_index or 1, MAX_START)
    count = MAX_RESULTS if asked.count is None else min(asked.count, MAX_RESULTS)
    found = [_matching(client, kind, kinds, asked) for kind in kinds]
    total = sum(rows.count() for rows in found)
    end = start - 1 + count
    if count == 0 or start > total:
        page: list[Any] = []
    elif len(kinds) == 1:
        rows = list(_ordered(kinds, found, asked)[start - 1 : end])
        page = kinds[0].contents(rows, asked, Context.RESOURCE_QUERY_RESPONSE)
    else:
        page = _mixed(client, kinds, _ordered(kinds, found, asked)[start - 1 : end], asked)
    return listed(page, total, start)


def _checked(asked: dict[str, Any], message: Any, context: Context | None) -> SearchRequest[Any]:
    """Sizes first: a filter is parsed when the message is made."""
    text = member(asked, "filter")
    if text is not None:
        if not isinstance(text, str):
            raise InvalidValueException(detail="A filter is a text.")
        filters.check_size(text)
    for value in asked.values():
        if isinstance(value, str):
            check_text(value)
    made: SearchRequest[Any] = message.model_validate(asked, scim_ctx=context, scim_policy=POLICY)
    return made


def _matching(
    client: ScimClient, kind: type[Adapter[Any]], kinds: Kinds, asked: SearchRequest[Any]
) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind.rows(client.tenant_id)
    if not asked.filter:
        return rows
    elsewhere = {name for other in kinds if other is not kind for name in other.columns}
    return rows.filter(filters.condition(str(asked.filter), kind.columns, elsewhere))


def _ordered(kinds: Kinds, found: list[QuerySet[Any]], asked: SearchRequest[Any]) -> QuerySet[Any]:
    """The rows of one kind, or (number of the kind, key, id) of the rows of several.

    Unless asked otherwise the newest come first: what is made while a client turns the pages makes it see
    some twice, and miss none.
    """
    descending = asked.sort_order is SearchRequest.SortOrder.descending
    key = F("scim_key").desc(nulls_first=True) if descending else F("scim_key").asc(nulls_last=True)
    order: list[Any] = ["-pk"] if asked.sort_by is None else [key, "pk"]
    keyed = [_keyed(number, kinds, rows, asked) for number, rows in enumerate(found)]
    if len(keyed) == 1:
        return keyed[0].order_by(*order)
    several = [rows.values_list("scim_kind", "scim_key", "pk") for rows in keyed]
    return reduce(lambda one, other: one.union(other, all=True), several).order_by(*order)


def _keyed(number: int, kinds: Kinds, rows: QuerySet[Any], asked: SearchRequest[Any]) -> QuerySet[Any]:
    order: Any = Value(None, output_field=TextField())
    if asked.sort_by is not None:
        columns = [kind.columns.get(_attribute(asked)) for kind in kinds]
        if all(column is None or column.order() is None for column in columns):
            raise InvalidPathException(detail="It is not possible to sort by this attribute.")
        mine = columns[number]
        order = (mine.order() if mine else None) or order
    keys: dict[str, Any] = {"scim_key": order}
    if len(kinds) > 1:
        keys["scim_kind"] = Value(number, output_field=IntegerField())
    elif asked.sort_by is None:
        return rows
    keyed: QuerySet[Any] = rows.order_by().annotate(**keys)
    return keyed


def _attribute(asked: SearchRequest[Any]) -> str:
    path = asked.sort_by._designated_attr_path() if asked.sort_by is not None else None
    return filters.key(path) if path is not None else ""


def _mixed(client: ScimClient, kinds: Kinds, places: QuerySet[Any], asked: SearchRequest[Any]) -> list[Any]:
    """The resources at `places`, read kind by kind and put back in order."""
    page = [(number, pk) for number, _key, pk in places]
    made: dict[tuple[int, uuid.UUID], Any] = {}
    for number, kind in enumerate(kinds):
        rows = list(kind.rows(client.tenant_id).filter(pk__in=[pk for which, pk in page if which == number]))
        contents = kind.contents(rows, asked, Context.RESOURCE_QUERY_RESPONSE)
        made |= {(number, row.pk): content for row, content in zip(rows, contents, strict=True)}
    return [made[place] for place in page if place in made]
