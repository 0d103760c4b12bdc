"""A list of records: searched, sorted, paged; protected values masked."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from policy.inputs import Action
from runtime import gateway, search_key
from runtime.frame import frame
from runtime.gateway import MOST_COUNTED, PAGE_SIZE, Query
from runtime.live import LiveField
from runtime.pages import Place
from runtime.permissions import granted

MOST_COLUMNS = 6  # more do not fit a screen; the record's own page has all


class ListPage:
    """Kind "list"."""

    action: ClassVar[Action] = Action.RECORD_LIST
    route: ClassVar[str] = "list"
    template = "runtime/list.html"

    def respond(self, request: HttpRequest, place: Place, **parts: Any) -> HttpResponse:
        """The page; an htmx request for its body gets the table alone."""
        user: Any = request.user
        fields = place.fields[:MOST_COLUMNS]
        sealed = not all(item.plain for item in fields)
        if request.method == "POST":
            return redirect(self._searched(user, place, text_of(request.POST)))
        text = text_of(request.GET)
        if sealed:
            text = search_key.unseal(user, place.dataset, request.GET.get("s", "")[:2000])
        query = query_of(request.GET, text)
        found = gateway.list_records(
            by=user,
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
        context |= {"may": granted(user, place.live), "sealed": sealed, "unsearched": found.unsearched}
        return render(request, self.template, context)

    def _searched(self, user: Any, place: Place, text: str) -> str:
        """The address of a search; its text is sealed."""
        sealed = search_key.seal(user, place.dataset, text) if text else ""
        return place.url("list") + (f"?s={sealed}" if sealed else "")

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


def text_of(given: QueryDict) -> str:
    """What is searched for."""
    return given.get("q", "").replace("\x00", "").strip()[:200]


def query_of(given: QueryDict, text: str) -> Query:
    """The query in an address; what makes no sense counts as not given."""
    sort = given.get("sort", "")
    page = given.get("page", "")
    return Query(
        text=text,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _column(item: LiveField, query: Query) -> dict[str, Any]:
    """Header of a column; a protected one is not sorted by: ciphertexts have no order, masks tell none."""
    now = query.sort == item.id
    return {
        "item": item,
        "badge": item.badge,
        "number": item.type in {"integer", "money"} and item.plain,
        "sort": None if not item.plain else ("-" if now and not query.descending else "") + item.id,
        "direction": ("descending" if query.descending else "ascending") if now else "",
    }
