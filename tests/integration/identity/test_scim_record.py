"""Every change that a provider makes is in the record, with who and what, without personal data."""

import json
from typing import Any

import psycopg
import pytest

from ledger.events import Event
from tests.scim import Scim, make
from tests.services import POSTGRES


@pytest.fixture
def committed_scim(committed: None) -> Scim:
    return make("contoso")


def events(kind: Event) -> list[dict[str, Any]]:
    """Straight from the table, as no role of the application may read it."""
    with psycopg.connect(POSTGRES.url()) as server:
        rows = server.execute("SELECT body FROM ledger.event ORDER BY id").fetchall()
    return [body for (text,) in rows if (body := json.loads(text))["kind"] == kind.value]


def test_each_change_is_recorded_without_its_values(committed_scim: Scim) -> None:
    made = committed_scim.user("lena", displayName="Lena Marsh")
    committed_scim.patch(
        f"/Users/{made['id']}", {"op": "replace", "path": "displayName", "value": "Lena Falk"}
    )
    committed_scim.patch(
        f"/Users/{made['id']}", {"op": "replace", "path": "displayName", "value": "Lena Falk"}
    )
    committed_scim.call("DELETE", f"/Users/{made['id']}")
    (provisioned,), (changed,) = events(Event.USER_PROVISIONED), events(Event.USER_CHANGED)
    assert provisioned["actor"] == str(committed_scim.row.pk)
    assert provisioned["origin"] == "scim"
    assert changed["facts"] == {"attributes": ["display_name"]}
    assert events(Event.USER_REMOVED)[0]["person"] == made["id"]
    assert "Falk" not in json.dumps([provisioned, changed])


def test_membership_changes_are_recorded_by_person(committed_scim: Scim) -> None:
    user = committed_scim.user()
    group = committed_scim.group("Marketing", [user["id"]])
    committed_scim.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"})
    assert [e["facts"] for e in events(Event.GROUP_CHANGED)] == [
        {"added": [user["id"]]},
        {"removed": [user["id"]]},
    ]


def test_ends_and_returns_of_access_are_events_of_their_own(committed_scim: Scim) -> None:
    path = f"/Users/{committed_scim.user()['id']}"
    for active in (False, False, True):
        committed_scim.patch(path, {"op": "replace", "path": "active", "value": active})
    assert len(events(Event.USER_DEACTIVATED)) == len(events(Event.USER_REACTIVATED)) == 1


def test_a_refused_change_leaves_no_event(committed_scim: Scim) -> None:
    path = f"/Users/{committed_scim.user()['id']}"
    committed_scim.patch(
        path,
        {"op": "replace", "path": "title", "value": "Lead"},
        {"op": "replace", "path": "userName", "value": "x" * 300},
    )
    assert not events(Event.USER_CHANGED)
