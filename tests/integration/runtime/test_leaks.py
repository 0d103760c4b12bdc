"""No way out of the portal gives a protected value to who may not see it (D5): every class of data, every
role, every way; and each canary does appear where it may, so that nothing here passes for want of looking."""

import base64
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from tests.canaries import Canary
from tests.database import empty
from tests.integration.runtime.harvest import PLAIN, PLANTED, PROTECTED, Harvest, gather

READERS = ("viewer", "editor", "revealer")
OTHERS = ("auditor", "admin", "stranger")
SHOWING = (
    "page",
    "part of a page",
    "filter",
    "record",
    "API",
    "csv",
)  # with the plain values of the record in it


@pytest.fixture(scope="module")
def harvest(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Harvest]:
    """Gathered once for all questions."""
    with django_db_blocker.unblock():
        try:
            yield gather()
        finally:
            for connection in connections.all():
                connection.close()
            empty()


@pytest.mark.parametrize("text", ["plain", "upper", "base64", "URL"])
def test_a_canary_is_recognised_however_it_is_spelled(text: str) -> None:
    spelled = {
        "plain": lambda value: value.encode(),
        "upper": lambda value: value.upper().encode(),
        "base64": lambda value: base64.b64encode(f'{{"q": "{value}"}}'.encode()),
        "URL": lambda value: quote(value, safe="").encode(),
    }[text]
    for canary in PLANTED.values():
        for part in (canary.value, *canary.parts):
            assert canary.found_in(b"<td>" + spelled(part) + b"</td>"), part
        assert not canary.found_in(b"<td>" + spelled("something else entirely") + b"</td>")


@pytest.mark.parametrize("code", PROTECTED)
@pytest.mark.parametrize("role", [*READERS, *OTHERS])
def test_no_way_out_shows_a_protected_value(harvest: Harvest, role: str, code: str) -> None:
    canary: Canary = PLANTED[code]
    ways = {way: content for (who, way), content in harvest.ways.items() if who == role}
    allowed = {f"reveal {code}", "csv in clear"} if role == "revealer" and code != "credential" else set()
    assert len(ways) > 20
    leaks = {
        way: found
        for way, content in ways.items()
        if way not in allowed and (found := canary.found_in(content))
    }
    assert not leaks
    for way in allowed:
        assert canary.value.encode() in ways[way], f"{way} should show it"


@pytest.mark.parametrize("way", SHOWING)
@pytest.mark.parametrize("role", READERS)
def test_the_same_ways_do_show_what_may_be_seen(harvest: Harvest, role: str, way: str) -> None:
    content = harvest.ways[role, way]
    assert PLANTED["internal"].value.encode() in content
    assert {"csv": b"tok_", "API": rb"\u2022"}.get(way, "•••".encode()) in content
    if way in {"record", "csv"}:
        assert all(PLANTED[code].value.encode() in content for code in PLAIN)


@pytest.mark.parametrize("role", READERS)
def test_the_dashboard_counts(harvest: Harvest, role: str) -> None:
    assert b"6 records" in harvest.ways[role, "dashboard"]


@pytest.mark.parametrize("role", OTHERS)
def test_who_has_no_role_in_the_app_sees_nothing_of_it(harvest: Harvest, role: str) -> None:
    ways = {way: content for (who, way), content in harvest.ways.items() if who == role}
    assert not {way for way, content in ways.items() for one in PLANTED.values() if one.found_in(content)}


@pytest.mark.parametrize("code", PROTECTED)
def test_nothing_that_is_kept_holds_a_protected_value(harvest: Harvest, code: str) -> None:
    assert {"log", "cache and tasks", "table ledger.event", "table apps.records"} <= harvest.shared.keys()
    leaks = {
        place: found
        for place, content in harvest.shared.items()
        if (found := PLANTED[code].found_in(content))
    }
    assert not leaks


def test_what_is_kept_was_really_read(harvest: Harvest) -> None:
    shared = harvest.shared
    assert b"plainword-internal-40e1" in shared["table apps.records"]
    assert b"value.revealed" in shared["table ledger.event"]
    assert b"export.downloaded" in shared["table ledger.event"]
    assert b"run_export" in shared["cache and tasks"]
    assert len(shared["log"]) > 100
    assert any(name.startswith("table public.notices") for name in shared), sorted(shared)
    assert "table public.identity_keptform" in shared, sorted(shared)
    own = [place for place, content in shared.items() if b"plainword-internal-40e1" in content]
    assert own == ["table apps.records"], "even a plain value is kept with its record alone"
