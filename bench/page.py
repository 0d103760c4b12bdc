"""What the gateway costs a page: a live app's list, whole requests, against the same page bare.

Both sides run the same middleware, count and read the same rows by the same columns, and render the same
template. The bare side knows its app by heart, asks no policy, opens and masks nothing and records nothing:
where the gateway shows a masked value, it shows a text of that length.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client, override_settings
from django.urls import include, path

from bench.harness import Row, compare, interleave, rate
from catalog.manifest import PageKind
from identity.models import User
from identity.tenancy import tenant_scope
from policy import pdp
from runtime import gateway, store
from runtime.frame import frame
from runtime.live import live_app
from runtime.pages import Place, place_of
from runtime.pages.list import ListPage
from runtime.values import shown
from tests import live_apps
from tests.cast import make_cast
from tests.live_apps import BUDGET, COMPANY, CONSENT, EMAIL, MET, NAME, PHONE, SECRET, SOURCE

RECORDS = 100
TIMES = 40
ROUNDS = 9
PLAIN = [COMPANY, SOURCE, BUDGET, MET, CONSENT]
MASKED = [EMAIL, NAME, PHONE, SECRET, COMPANY]
places: dict[str, Place] = {}


def run() -> list[Row]:
    """A list of five plain fields, and one of four masked and a plain one whose reads are recorded."""
    call_command("collectstatic", interactive=False, verbosity=0)
    cast = make_cast()
    _make("plain", PLAIN, cast.lena, cast.mia)
    _make("masked", MASKED, cast.lena, cast.mia)
    client = Client()
    client.force_login(cast.mia, backend="identity.backends.DirectoryBackend")
    sides = {
        f"{side} {slug}": rate(_get(client, address), times=TIMES)
        for slug in places
        for side, address in (("gateway", f"/apps/{slug}/leads/"), ("bare", f"/bare/{slug}/"))
    }
    sides["afresh plain"] = rate(_get(client, "/apps/plain/leads/", pdp.outcomes.clear), times=TIMES)
    with override_settings(ROOT_URLCONF="bench.page"):
        medians = interleave(sides, rounds=ROUNDS)
    plain, masked = medians["bare plain"], medians["bare masked"]
    return [
        compare("list, nothing sensitive", medians["gateway plain"], plain, "requests/s", at_least=0.9),
        compare("the same, decided afresh each time", medians["afresh plain"], plain, "requests/s"),
        compare(
            "list, four masked fields, read recorded",
            medians["gateway masked"],
            masked,
            "requests/s",
            at_least=0.6,
        ),
    ]


def _make(slug: str, fields: list[str], owner: User, member: User) -> None:
    chosen = [field for field in live_apps.FIELDS if field["id"] in fields]
    app = live_apps.make_app(owner, slug=slug, fields=chosen)
    for n in range(RECORDS):
        live_apps.add(app, member, **{COMPANY: f"Company {n}"})
    with tenant_scope(app.tenant_id):
        places[slug] = place_of(live_app(slug), "leads", PageKind.LIST)


def _get(client: Client, address: str, before: Callable[[], None] = lambda: None) -> Callable[[], None]:
    def get() -> None:
        before()
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code

    return get


@login_required
def bare(request: HttpRequest, slug: str) -> HttpResponse:
    """The list without the gateway."""
    place = places[slug]
    fields, query = place.fields, store.Query()
    found = store.find(place.live, place.dataset, query, fields, {}, fields)
    lines = tuple(
        gateway.Line(row["id"], row["created_at"], tuple(_cell(item, row) for item in fields))
        for row in found.rows
    )
    page: Any = gateway.Listing(lines, found.count, found.capped, found.page, None)  # type: ignore[arg-type]
    context = ListPage().context(place, fields, query, page)
    context |= frame(request, place, place.page.title)
    context |= {"may": frozenset({"record.create", "record.export"})}
    context["sealed"] = not all(item.plain for item in fields)
    return render(request, "runtime/list.html", context)


def _cell(item: Any, row: Any) -> gateway.Cell:
    if item.protected:
        return gateway.Cell(item, "c•••@•••.org", True)
    return gateway.Cell(item, shown(item.type, row[item.column]), False)


urlpatterns = [path("bare/<slug:slug>/", bare), path("", include("portal.urls"))]
