"""Requests as Entra ID and Okta send them, written from their public documentation: one file a case.

A file names its source, the state before (people and groups by a name of ours), the request, the status,
and what the answer and the state after hold at least. `{lena}` stands for the id of the person of that name.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.scim import GROUP, USER, Scim

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).resolve().parents[2] / "data" / "scim"
CASES = sorted(FOLDER.glob("*/*.json"))


def test_there_are_enough_of_both() -> None:
    of = {vendor: len(list((FOLDER / vendor).glob("*.json"))) for vendor in ("entra", "okta")}
    assert of["entra"] >= 30
    assert of["okta"] >= 30


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_case(scim: Scim, path: Path) -> None:
    case = json.loads(path.read_text())
    ids = before(scim, case["before"])
    request = filled(case["request"], ids)
    answer = scim.call(request["method"], address(request["path"]), request.get("body"))
    assert answer.status_code == case["status"], answer.content
    if "answer" in case:
        holds(answer.json(), filled(case["answer"], ids))
    for where, wanted in case.get("after", {}).items():
        now = scim.call("GET", filled(where, ids))
        if wanted == 404:
            assert now.status_code == 404
        else:
            holds(now.json(), filled(wanted, ids))


def before(scim: Scim, state: dict[str, Any]) -> dict[str, str]:
    """Make what was there; returns the ids by name."""
    ids: dict[str, str] = {}
    for name, body in state.get("users", {}).items():
        ids[name] = made(scim, "/Users", {"schemas": [USER]} | body)
    for name, body in state.get("groups", {}).items():
        members = [{"value": ids[member]} for member in body["members"]]
        ids[name] = made(scim, "/Groups", {"schemas": [GROUP]} | body | {"members": members})
    return ids


def made(scim: Scim, path: str, body: dict[str, Any]) -> str:
    answer = scim.call("POST", path, body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def filled(value: Any, ids: dict[str, str]) -> Any:
    """`value` with ids in the place of names."""
    text = json.dumps(value)
    for name, pk in ids.items():
        text = text.replace(f"{{{name}}}", pk)
    return json.loads(text)


def address(path: str) -> str:
    """The path with its query as a client writes it."""
    where, mark, query = path.partition("?")
    return where + mark + quote(query, safe="=&")


def holds(found: Any, wanted: Any) -> None:
    """What is wanted is there; null: it is not. Lists are whole, in any order."""
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            if value is None:
                assert not found.get(key), (key, found)
            else:
                holds(found[key], value)
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), (found, wanted)
        for mine, theirs in zip(in_order(found), in_order(wanted), strict=True):
            holds(mine, theirs)
    else:
        assert found == wanted


def in_order(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: str(item.get("value", "")) if isinstance(item, dict) else str(item))
