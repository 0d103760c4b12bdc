"""A list of records: searched, sorted, paged; protected values masked."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from policy.inputs import Action
from runtime import gateway
from runtime.frame import frame
from runtime.live import LiveField
from runtime.pages import Place
from runtime.permissions import granted
from runtime.store import MOST_COUNTED, PAGE_SIZE, Query

MOST_COLUMNS = 8  # more do not fit a screen; the record's own page has all


class ListPage:
    """Kind "list"."""

    action: ClassVar[Action] = Action.RECORD_LIST
    route: ClassVar[str] = "list"
    template = "runtime/list.html"

    def respond(self, request: HttpRequest, place: Place, **parts: Any) -> HttpResponse:
        """The page; an htmx request for its body gets the table alone."""
        query = query_of(request.GET)
        fields = place.fields[:MOST_COLUMNS]
        found = gateway.list_records(
            by=request.user,  # type: ignore[arg-type]  # signed in
            live=place.live,
            dataset=place.dataset,
            fields=fields,
            query=query,
        )
        context = self.context(place, fields, query, found)
        part = getattr(request, "htmx", False) and request.headers.get("HX-Target", "").endswith("records")
        if part:
            return render(request, "runtime/_records.html", context)
        context |= frame(request, place, place.page.title)
        context["may"] = granted(request.user, place.live)  # type: ignore[arg-type]
        return render(request, self.template, context)

    def context(
        self, place: Place, fields: tuple[LiveField, ...], query: Query, found: gateway.Listing
    ) -> dict[str, Any]:
        """What the table shows, without the page's frame."""
        paginator = Paginator(range(found.count), PAGE_SIZE)
        page = paginator.page(found.page)
        return {
            "columns": [_column(item, query) for item in fields],
            "lines": found.lines,
            "page": page,
            "pages": paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "capped": found.capped,
            "most": MOST_COUNTED,
            "query": query,
            "base": place.url("list"),
        }


def query_of(given: QueryDict) -> Query:
    """The query in an address; what makes no sense counts as not given."""
    sort = given.get("sort", "")
    page = given.get("page", "")
    return Query(
        text=given.get("q", "").replace("\x00", "").strip()[:200],
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _column(item: LiveField, query: Query) -> dict[str, Any]:
    """Header of a column; a protected one cannot be sorted, since its ciphertexts have no order."""
    now = query.sort == item.id
    return {
        "item": item,
        "badge": item.badge,
        "number": item.type in {"integer", "money"} and not item.protected,
        "sort": None if item.protected else ("-" if now and not query.descending else "") + item.id,
        "direction": ("descending" if query.descending else "ascending") if now else "",
    }
