"""Hostile values at every attribute and address: refused in SCIM's own form, nothing changed, never a 500."""

import json
import uuid
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from identity.models import Group, User
from identity.tenancy import tenant_scope
from tests.scim import ENTERPRISE, GROUP, PATCH, USER, Scim

pytestmark = pytest.mark.django_db
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

TEXTS = {
    "10 kB": "x" * 10_240,
    "NUL": "a\x00b",
    "half a character": "a\ud800b",
    "bidi override": "a\u202eb",
    "bidi isolate": "a\u2067b",
    "line feed": "a\nb",
    "escape": "a\x1b[31mb",
    "line separator": "a\u2028b",
    "C1": "a\x9bb",
}
TYPES = {
    "number": 5,
    "huge number": 10**400,
    "truth": True,
    "object": {"a": {"b": 1}},
    "list of lists": [["x"]],
}
USER_TEXTS = [
    *("userName", "displayName", "title", "externalId", "timezone"),
    *("name.givenName", "name.familyName", "name.formatted", "emails.value"),
    *(
        f"{ENTERPRISE}:{name}"
        for name in ("department", "employeeNumber", "costCenter", "organization", "division")
    ),
]
GROUP_TEXTS = ["displayName", "externalId"]
ATTRIBUTES = [("Users", name) for name in USER_TEXTS] + [("Groups", name) for name in GROUP_TEXTS]


@dataclass(frozen=True)
class Case:
    """One request; `{user}` and `{group}` in it stand for the ids of what is there."""

    name: str
    method: str
    path: str
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path[:30]} {self.name}"


def put_at(name: str, value: Any) -> dict[str, Any]:
    """A resource with `value` at the attribute `name`."""
    if name.startswith(ENTERPRISE):
        return {ENTERPRISE: {name.rpartition(":")[2]: value}}
    if name == "emails.value":
        return {"emails": [{"value": value, "type": "work"}]}
    first, _dot, second = name.partition(".")
    return {first: {second: value}} if second else {first: value}


def of_attributes(values: dict[str, Any]) -> list[Case]:
    cases = []
    for (kind, name), (what, value) in product(ATTRIBUTES, values.items()):
        whole: dict[str, Any] = {"schemas": [USER if kind == "Users" else GROUP], "displayName": "New"}
        whole |= ({"userName": "new"} if kind == "Users" else {}) | put_at(name, value)
        where = f"/{kind}/{{{'user' if kind == 'Users' else 'group'}}}"
        path = 'emails[type eq "work"].value' if name == "emails.value" else name
        about = f"{name.rpartition(':')[2]}: {what}"
        cases += [
            Case(about, "POST", f"/{kind}", whole),
            Case(about, "PUT", where, whole),
            Case(about, "PATCH", where, patch({"op": "replace", "path": path, "value": value})),
        ]
    return cases


def patch(*operations: Any) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


BODIES = {
    "nothing": "",
    "no JSON": "{",
    "text": '"x"',
    "list": "[]",
    "null": "null",
    "twice": '{"schemas": [], "userName": "a", "userName": "b", "displayName": "a"}',
    "twice in another case": '{"userName": "a", "username": "b", "displayName": "a", "DISPLAYNAME": "b"}',
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep object": '{"a":' * 5000 + "1" + "}" * 5000,
    "deep enough to parse": '{"displayName": "x", "userName": "x", "a":' + "[" * 40 + "]" * 40 + "}",
    "NaN": '{"userName": "a", "displayName": "a", "title": NaN}',
    "infinite": '{"userName": "a", "displayName": "a", "title": -Infinity}',
    "5000 digits": '{"userName": "a", "displayName": "a", "title": ' + "9" * 5000 + "}",
    "not UTF-8": b'{"userName": "\xff\xfe"}',
    "NUL in a name": '{"userName": "a", "displayName": "a", "a\\u0000b": 1}',
}
PLACES = [
    *(("POST", path) for path in ("/Users", "/Groups", "/.search", "/Users/.search", "/Bulk")),
    *((method, path) for method in ("PUT", "PATCH") for path in ("/Users/{user}", "/Groups/{group}")),
]
OF_BODIES = [
    Case(f"body: {what}", method, path, body)
    for (method, path), (what, body) in product(PLACES, BODIES.items())
]

FILTERS = {
    "terms": " or ".join(['userName eq "a"'] * 5000),
    "a few terms too many": " and ".join(['userName ne "a"'] * 101),
    "parentheses": "(" * 3000 + 'userName eq "a"' + ")" * 3000,
    "parentheses, a few": "(" * 21 + 'userName eq "a"' + ")" * 21,
    "nots": "not (" * 25 + "userName pr" + ")" * 25,
    "open": "(" * 30,
    "long text": f'userName eq "{"x" * 10_000}"',
    "NUL": 'userName eq "a\x00b"',
    "NUL by escape": 'userName eq "a\\u0000b"',
    "half a character": 'userName eq "\\ud800"',
    "unfinished": "userName eq",
    "no operator": "userName",
    "unknown operator": 'userName like "%"',
    "SQL": "userName eq 'a'; DROP TABLE identity_user; --",
    "union": 'userName eq "a" UNION SELECT 1',
    "unknown attribute": 'password eq "x"',
    "Django's look-ups": 'tenant__slug eq "x"',
    "unknown beside known": 'userName eq "a" and secret pr',
    "wrong type": "userName eq 5",
    "wrong type of truth": 'active eq "perhaps"',
    "order of truth": "active gt false",
    "time that is none": 'meta.lastModified gt "yesterday"',
    "impossible time": 'meta.lastModified gt "2026-13-45T99:99:99Z"',
    "huge number": f"userName eq {'9' * 4000}",
    "nested selection": 'emails[addresses[type eq "x"]]',
    "selection of what has none": 'userName[value eq "x"]',
    "backslashes": 'userName eq "\\',
}
QUERIES = {
    "order": "sortBy=password",
    "order by look-up": "sortBy=tenant__slug",
    "order by injection": "sortBy=userName%3B%20DROP",
    "sense of order": "sortBy=userName&sortOrder=sideways",
    "start": "startIndex=one",
    "count": "count=1e5",
    "start of 5000 digits": f"startIndex={'9' * 5000}",
    "both selections": "attributes=id&excludedAttributes=title",
    "selection with a filter": "attributes=emails%5Btype%20eq%20%22x%22%5D",
    "NUL in a selection": "attributes=a%00b",
}
OF_FILTERS = [
    Case(f"filter: {what}", "POST", path, {"schemas": [SEARCH], "filter": text})
    for what, text in FILTERS.items()
    for path in ("/Users/.search", "/.search")
]
OF_QUERIES = [Case(f"query: {what}", "GET", f"/Users?{text}") for what, text in QUERIES.items()]

MEMBERS: dict[str, Any] = {
    "no id": [{"value": "x"}],
    "none": [{}],
    "number": [{"value": 5}],
    "a group": [{"value": "{group}"}],
    "called a group": [{"value": "{user}", "type": "Group"}],
    "a stranger": [{"value": str(uuid.uuid4())}],
    "SQL": [{"value": "'; DROP TABLE identity_membership; --"}],
    "list": [["{user}"]],
    "truth": True,
    "10 kB": [{"value": "x" * 10_240}],
}
OPERATIONS: dict[str, Any] = {
    "none": [],
    "object": {"op": "add"},
    "text": "add",
    "no object": ["add"],
    "unknown": [{"op": "destroy", "path": "displayName", "value": "x"}],
    "number": [{"op": 5, "path": "displayName", "value": "x"}],
    "no op": [{"path": "displayName", "value": "x"}],
    "removal of everything": [{"op": "remove"}],
    "path is a number": [{"op": "replace", "path": 5, "value": "x"}],
    "path is a bomb": [{"op": "remove", "path": "members[" + "(" * 3000 + 'value eq "x"' + ")" * 3000 + "]"}],
    "path does not end": [{"op": "remove", "path": 'emails[type eq "work"'}],
    "path with NUL": [{"op": "replace", "path": "display\x00Name", "value": "x"}],
    "path is SQL": [{"op": "replace", "path": "displayName; DROP TABLE identity_user", "value": "x"}],
    "value without path is a text": [{"op": "replace", "value": "x"}],
    "value is missing": [{"op": "add", "path": "displayName"}],
    "another id": [{"op": "replace", "path": "id", "value": str(uuid.uuid4())}],
    "meta": [{"op": "replace", "path": "meta.created", "value": "2020-01-01T00:00:00Z"}],
    "good, then bad": [
        {"op": "replace", "path": "displayName", "value": "New"},
        {"op": "replace", "path": "externalId", "value": 5},
    ],
}
OF_PATCH = [
    Case(f"operations: {what}", "PATCH", path, {"schemas": [PATCH], "Operations": operations})
    for what, operations in OPERATIONS.items()
    for path in ("/Users/{user}", "/Groups/{group}")
]
OF_MEMBERS = [
    case
    for what, value in MEMBERS.items()
    for case in (
        Case(
            f"members: {what}",
            "POST",
            "/Groups",
            {"schemas": [GROUP], "displayName": "New", "members": value},
        ),
        Case(
            f"members: {what}",
            "PUT",
            "/Groups/{group}",
            {"schemas": [GROUP], "displayName": "New", "members": value},
        ),
        Case(
            f"members: {what}",
            "PATCH",
            "/Groups/{group}",
            patch({"op": "add", "path": "members", "value": value}),
        ),
    )
]
BULKS: dict[str, Any] = {
    "no operations": {"Operations": []},
    "operations are no list": {"Operations": {"method": "POST"}},
    "operations are texts": {"Operations": ["POST"]},
    "the limit of errors": {"failOnErrors": "two", "Operations": [{"method": "DELETE", "path": "/Users/x"}]},
    "twice the same id": {
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "a", "data": {}}] * 2
    },
    "method is a number": {"Operations": [{"method": 5, "path": "/Users"}]},
}
OF_BULK = [Case(f"bulk: {what}", "POST", "/Bulk", {"schemas": [BULK]} | body) for what, body in BULKS.items()]
OTHERS = [
    Case("schemas of another kind", "PATCH", "/Users/{user}", {"schemas": [USER], "Operations": []}),
    Case(
        "active is a number", "PATCH", "/Users/{user}", patch({"op": "replace", "path": "active", "value": 0})
    ),
    Case(
        "active is a word",
        "PATCH",
        "/Users/{user}",
        patch({"op": "replace", "path": "active", "value": "no"}),
    ),
    Case(
        "manager is himself",
        "PATCH",
        "/Users/{user}",
        patch({"op": "add", "path": f"{ENTERPRISE}:manager", "value": "{user}"}),
    ),
    Case(
        "manager is a list",
        "PATCH",
        "/Users/{user}",
        patch({"op": "add", "path": f"{ENTERPRISE}:manager", "value": ["a", "b"]}),
    ),
    Case("filter of discovery", "GET", "/Schemas?filter=id pr"),
    *(
        Case("id", method, f"/{kind}/{text}")
        for kind in ("Users", "Groups")
        for method in ("GET", "DELETE")
        for text in ("%00", "..%2f..", "%27%20OR%201=1", "x" * 3000, "-1")
    ),
]
CASES = [
    *of_attributes(TEXTS),
    *of_attributes(TYPES),
    *(*OF_BODIES, *OF_FILTERS, *OF_QUERIES, *OF_PATCH, *OF_MEMBERS, *OF_BULK, *OTHERS),
]


def test_there_are_enough() -> None:
    assert len(CASES) >= 500
    assert len(set(map(str, CASES))) >= 450


@pytest.fixture
def ids(scim: Scim) -> dict[str, str]:
    emails = [{"value": "lena@x.example", "type": "work"}]
    user = scim.user("lena", displayName="Lena", title="Lead", emails=emails)
    return {"{user}": user["id"], "{group}": scim.group("Team", [user["id"]])["id"]}


@pytest.mark.parametrize("part", range(10))
def test_hostile(scim: Scim, ids: dict[str, str], part: int) -> None:
    """A tenth of the cases on one state, which none of them changes."""
    before = state(scim)
    wrong = []
    for case in CASES[part::10]:
        answer = sent(scim, ids, case)
        refused = 400 <= answer.status_code < 500 and answer.json()["schemas"] == [ERROR]
        if not refused or state(scim) != before:
            wrong.append(f"{case}: {answer.status_code} {answer.content[:200]!r}")
            before = state(scim)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "value", ["100%", "_", "a_b%c", "\\", "'; DROP TABLE identity_user; --", '" or 1 eq 1', "%' OR 1=1 --"]
)
def test_what_is_strange_and_no_harm_is_taken_literally(scim: Scim, value: str) -> None:
    made = scim.user("lena", displayName=value, title="x")
    scim.user("mia", displayName="Mia", title="x")
    assert made["displayName"] == value
    for op in ("eq", "co", "sw", "ew"):
        assert scim.found("Users", f"displayName {op} {json.dumps(value)}") == ["lena"]
    assert (
        scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": value}).status_code
        == 200
    )


def sent(scim: Scim, ids: dict[str, str], case: Case) -> Any:
    path, body = case.path, case.body
    text = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
    for name, pk in ids.items():
        path = path.replace(name, pk)
        text = text.replace(name, pk) if isinstance(text, str) else text
    return scim.call(case.method, path, text)


def state(scim: Scim) -> list[Any]:
    """Everything that SCIM could have changed."""
    with tenant_scope(scim.tenant.pk):
        people = User.objects.filter(tenant=scim.tenant).order_by("pk").values()
        groups = Group.objects.order_by("pk").values()
        members = Group.objects.order_by("pk", "memberships__user").values_list("pk", "memberships__user")
        return [*people, *groups, *members]
