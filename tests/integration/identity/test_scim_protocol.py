"""Versions, searches, bulk and errors of the endpoint (RFC 7644)."""

import uuid
from typing import Any

import pytest
from django.test import override_settings

from identity.models import User
from identity.scim.provider import MAX_BULK_BYTES, MAX_OPERATIONS
from identity.tenancy import tenant_scope
from tests.scim import ENTERPRISE, GROUP, PATCH, USER, Scim

pytestmark = pytest.mark.django_db
ERROR = ["urn:ietf:params:scim:api:messages:2.0:Error"]
SEARCH = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
TITLE = {"op": "replace", "path": "title", "value": "Lead"}


class TestVersions:
    def test_every_resource_has_one_and_every_change_raises_it(self, scim: Scim) -> None:
        made = scim.call("POST", "/Users", {"schemas": [USER], "userName": "lena"})
        seen = [made["ETag"]]
        path = f"/Users/{made.json()['id']}"
        assert made.json()["meta"]["version"] == made["ETag"]
        for answer in (
            scim.patch(path, TITLE),
            scim.call("PUT", path, {"schemas": [USER], "userName": "lena"}),
            scim.patch(path, {"op": "replace", "path": "active", "value": False}),
        ):
            assert answer.json()["meta"]["version"] == answer["ETag"]
            seen.append(answer["ETag"])
        assert len(set(seen)) == 4
        unchanged = scim.patch(path, {"op": "replace", "path": "active", "value": False})
        assert unchanged["ETag"] == seen[-1]
        assert scim.get("/Users").json()["Resources"][0]["meta"]["version"] == seen[-1]

    def test_a_group_s_changes_with_its_members(self, scim: Scim) -> None:
        user, group = scim.user(), scim.group()
        path = f"/Groups/{group['id']}"
        tags = [scim.get(path)["ETag"]]
        add = {"op": "add", "path": "members", "value": [{"value": user["id"]}]}
        tags.append(scim.patch(path, add)["ETag"])
        assert scim.patch(path, add)["ETag"] == tags[-1], "nothing changed"
        scim.call("DELETE", f"/Users/{user['id']}")
        tags.append(scim.get(path)["ETag"])
        assert len(set(tags)) == 3

    def test_a_report_s_changes_when_the_manager_goes(self, scim: Scim) -> None:
        boss = scim.user("boss")
        lena = scim.user("lena", **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
        scim.call("DELETE", f"/Users/{boss['id']}")
        now = scim.get(f"/Users/{lena['id']}").json()
        assert ENTERPRISE not in now
        assert now["meta"]["version"] != lena["meta"]["version"]

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_if_match(self, scim: Scim, method: str) -> None:
        made = scim.user()
        path, tag = f"/Users/{made['id']}", made["meta"]["version"]
        body = {
            "PUT": {"schemas": [USER], "userName": "lena", "title": "Lead"},
            "PATCH": {"schemas": [PATCH], "Operations": [TITLE]},
        }.get(method)
        stale = scim.call(method, path, body, **{"If-Match": 'W/"99"'})
        assert (stale.status_code, stale.json()["schemas"]) == (412, ERROR)
        assert scim.get(path).json()["meta"]["version"] == tag
        assert scim.call(method, path, body, **{"If-Match": f'W/"7", {tag}'}).status_code < 300

    def test_if_none_match(self, scim: Scim) -> None:
        made = scim.user()
        path, tag = f"/Users/{made['id']}", made["meta"]["version"]
        known = scim.call("GET", path, **{"If-None-Match": tag})
        assert (known.status_code, known.content, known["ETag"]) == (304, b"", tag)
        assert scim.call("GET", path, **{"If-None-Match": 'W/"0"'}).status_code == 200


class TestSearch:
    @pytest.fixture(autouse=True)
    def _people(self, scim: Scim) -> None:
        for name, title in (("carl", "B"), ("anna", ""), ("Bert", "A")):
            scim.user(name, displayName=name.title(), title=title or None)
        scim.group("Admins")

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"sortBy": "userName"}, ["anna", "Bert", "carl"]),
            ({"sortBy": "userName", "sortOrder": "descending"}, ["carl", "Bert", "anna"]),
            ({"sortBy": "title"}, ["Bert", "carl", "anna"]),
            ({"sortBy": "title", "sortOrder": "descending"}, ["anna", "carl", "Bert"]),
            ({"sortBy": "meta.created", "startIndex": 2, "count": 1}, ["anna"]),
        ],
    )
    def test_order(self, scim: Scim, query: dict[str, Any], expected: list[str]) -> None:
        assert [row["userName"] for row in scim.get("/Users", **query).json()["Resources"]] == expected
        posted = scim.call("POST", "/Users/.search", SEARCH | query).json()
        assert [row["userName"] for row in posted["Resources"]] == expected

    @pytest.mark.parametrize("by", ["nothing", "name", "password"])
    def test_what_cannot_be_ordered_is_refused(self, scim: Scim, by: str) -> None:
        answer = scim.get("/Users", sortBy=by)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidPath")

    def test_the_root_searches_everything(self, scim: Scim) -> None:
        asked = SEARCH | {"filter": 'displayName sw "a"', "sortBy": "displayName"}
        for answer in (
            scim.call("POST", "/.search", asked),
            scim.get("/", filter='displayName sw "a"', sortBy="displayName"),
        ):
            assert answer.status_code == 200, answer.content
            listed = answer.json()
            assert [row["displayName"] for row in listed["Resources"]] == ["Admins", "Anna"]
            assert [row["meta"]["resourceType"] for row in listed["Resources"]] == ["Group", "User"]
            assert listed["totalResults"] == 2
        page = scim.call("POST", "/.search", asked | {"startIndex": 2, "count": 1}).json()
        assert [row["displayName"] for row in page["Resources"]] == ["Anna"]

    def test_an_attribute_of_one_kind_finds_none_of_the_other(self, scim: Scim) -> None:
        asked = SEARCH | {"filter": 'userName eq "anna" or meta.resourceType eq "Group"'}
        found = scim.call("POST", "/.search", asked).json()["Resources"]
        assert {row["displayName"] for row in found} == {"Anna", "Admins"}
        nowhere = scim.call("POST", "/.search", SEARCH | {"filter": 'nickName eq "x"'})
        assert (nowhere.status_code, nowhere.json()["scimType"]) == (400, "invalidFilter")

    @pytest.mark.parametrize(
        ("filter_", "expected"),
        [
            ('userName eq "anna" or userName eq "carl" and title eq "zzz"', {"anna"}),
            ('(userName eq "anna" or userName eq "carl") and title eq "B"', {"carl"}),
            ('not (userName eq "anna") and not (title eq "B")', {"Bert"}),
            ("title pr", {"carl", "Bert"}),
            ("not (title pr)", {"anna"}),
            ("title eq null", {"anna"}),
            ('title ge "B"', {"carl"}),
            ('title lt "B"', {"Bert"}),
            ('title le "b"', {"carl", "Bert"}),
            ('title gt "a"', {"carl"}),
            ('userName ew "A"', {"anna"}),
            ('userName co "R"', {"carl", "Bert"}),
            ('USERNAME SW "b"', {"Bert"}),
            ('meta.created le "2020-01-01T00:00:00Z"', set()),
        ],
    )
    def test_operators_and_precedence(self, scim: Scim, filter_: str, expected: set[str]) -> None:
        assert set(scim.found("Users", filter_)) == expected


class TestBulk:
    def bulk(self, scim: Scim, *operations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        answer = scim.call("POST", "/Bulk", {"schemas": [BULK], "Operations": list(operations)} | more)
        assert answer.status_code == 200, answer.content
        return list(answer.json()["Operations"])

    def post(self, bulk_id: str, **data: Any) -> dict[str, Any]:
        kind = ("/Users", USER) if "userName" in data else ("/Groups", GROUP)
        return {
            "method": "POST",
            "path": kind[0],
            "bulkId": bulk_id,
            "data": {"schemas": [kind[1]]} | data,
        }

    def test_each_is_done_and_told_apart(self, scim: Scim) -> None:
        lena = scim.user("lena")
        path = f"/Users/{lena['id']}"
        results = self.bulk(
            scim,
            self.post("a", userName="anna"),
            {"method": "PATCH", "path": path, "data": {"schemas": [PATCH], "Operations": [TITLE]}},
            self.post("b", userName="LENA"),
            {"method": "DELETE", "path": f"/Users/{uuid.UUID(int=7)}"},
            {
                "method": "PUT",
                "path": path,
                "version": 'W/"99"',
                "data": {"schemas": [USER], "userName": "x"},
            },
            {"method": "POST", "path": "/Nowhere", "bulkId": "c", "data": {}},
            {"method": "DELETE", "path": path},
        )
        assert [r["status"] for r in results] == ["201", "200", "409", "404", "412", "400", "204"]
        assert results[0]["bulkId"] == "a"
        assert results[0]["version"]
        assert results[0]["location"].startswith("http")
        assert all(r["response"]["schemas"] == ERROR for r in results if int(r["status"]) >= 400)
        assert scim.found("Users", "active eq true") == ["anna"]

    def test_references_forward_backward_and_in_paths(self, scim: Scim) -> None:
        results = self.bulk(
            scim,
            self.post("g", displayName="Team", members=[{"value": "bulkId:u1"}, {"value": "bulkId:u2"}]),
            self.post("u2", userName="two", **{ENTERPRISE: {"manager": {"value": "bulkId:u1"}}}),
            self.post("u1", userName="one"),
            {
                "method": "PATCH",
                "path": "/Users/bulkId:u1",
                "data": {"schemas": [PATCH], "Operations": [TITLE]},
            },
        )
        assert [r["status"] for r in results] == ["201", "201", "201", "200"]
        group, two, one = (r["location"].rsplit("/", 1)[1] for r in results[:3])
        assert scim.members({"id": group}) == {one, two}
        assert scim.get(f"/Users/{two}").json()[ENTERPRISE]["manager"]["value"] == one
        assert scim.get(f"/Users/{one}").json()["title"] == "Lead"

    def test_circles_are_closed_afterwards(self, scim: Scim) -> None:
        results = self.bulk(
            scim,
            self.post("a", userName="anna", **{ENTERPRISE: {"manager": {"value": "bulkId:b"}}}),
            self.post("b", userName="bert", **{ENTERPRISE: {"manager": {"value": "bulkId:a"}}}),
        )
        assert [r["status"] for r in results] == ["201", "201"]
        a, b = (r["location"].rsplit("/", 1)[1] for r in results)
        assert scim.get(f"/Users/{a}").json()[ENTERPRISE]["manager"]["value"] == b
        assert scim.get(f"/Users/{b}").json()[ENTERPRISE]["manager"]["value"] == a
        assert scim.get(f"/Users/{a}")["ETag"] == results[0]["version"]

    def test_a_long_chain_against_the_order(self, scim: Scim) -> None:
        operations = [
            self.post(f"u{n}", userName=f"u{n}", **{ENTERPRISE: {"manager": {"value": f"bulkId:u{n + 1}"}}})
            for n in range(150)
        ]
        results = self.bulk(scim, *operations, self.post("u150", userName="u150"))
        assert {r["status"] for r in results} == {"201"}

    def test_what_refers_to_a_failure_fails(self, scim: Scim) -> None:
        scim.user("lena")
        results = self.bulk(
            scim,
            self.post("a", userName="lena"),
            self.post("g", displayName="Team", members=[{"value": "bulkId:a"}]),
            self.post("h", displayName="Other", members=[{"value": "bulkId:nobody"}]),
        )
        assert [r["status"] for r in results] == ["409", "409", "400"]
        assert scim.get("/Groups").json()["totalResults"] == 0

    def test_fail_on_errors_stops(self, scim: Scim) -> None:
        bad = {"method": "DELETE", "path": f"/Users/{uuid.UUID(int=7)}"}
        results = self.bulk(
            scim, bad, self.post("a", userName="anna"), bad, self.post("b", userName="b"), failOnErrors=2
        )
        assert [r["status"] for r in results] == ["404", "201", "404"]
        assert scim.found("Users", "active eq true") == ["anna"]

    def test_limits(self, scim: Scim) -> None:
        one = {"method": "DELETE", "path": "/Users/x"}
        many = scim.call("POST", "/Bulk", {"schemas": [BULK], "Operations": [one] * (MAX_OPERATIONS + 1)})
        assert (many.status_code, many.json()["schemas"]) == (413, ERROR)
        large = scim.call("POST", "/Bulk", {"schemas": [BULK], "x": "x" * MAX_BULK_BYTES})
        assert (large.status_code, large.json()["schemas"]) == (413, ERROR)

    def test_scopes_count_for_each_operation(self, scim: Scim) -> None:
        scim.row.scope = "users:read users:write"
        scim.row.save()
        results = self.bulk(scim, self.post("u", userName="anna"), self.post("g", displayName="Team"))
        assert [r["status"] for r in results] == ["201", "403"]


class TestErrors:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("PATCH", "/Users", 405),
            ("POST", f"/Users/{uuid.UUID(int=7)}", 405),
            ("DELETE", "/Groups", 405),
            ("POST", "/Schemas", 405),
            ("GET", "/.search", 405),
            ("GET", "/Bulk", 405),
            ("OPTIONS", "/Users", 405),
            ("GET", "/Me", 501),
            ("PATCH", "/Me", 501),
            ("GET", "/Users/a/b", 404),
            ("GET", "/users", 404),
            ("GET", "/../v3/Users", 404),
        ],
    )
    def test_in_scim_s_form(self, scim: Scim, method: str, path: str, status: int) -> None:
        answer = scim.call(method, path)
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/scim+json"
        assert (answer.json()["schemas"], answer.json()["status"]) == (ERROR, str(status))
        assert (status == 405) == ("Allow" in answer)

    def test_too_large_a_body(self, scim: Scim) -> None:
        answer = scim.call("POST", "/Users", '"' + "x" * (6 * 1024 * 1024) + '"')
        assert (answer.status_code, answer.json()["schemas"]) == (413, ERROR)

    def test_too_many_requests(self, scim: Scim) -> None:
        with override_settings(SCIM_REQUESTS_A_MINUTE=3):
            statuses = [scim.get("/Me").status_code for _ in range(3)]
            answer = scim.get("/Me")
            if answer.status_code == 501:  # a new minute has begun
                answer = [scim.get("/Me") for _ in range(4)][-1]
        assert set(statuses) == {501}
        assert (answer.status_code, answer.json()["schemas"]) == (429, ERROR)
        assert 0 < int(answer["Retry-After"]) <= 60

    def test_what_nobody_foresaw(self, scim: Scim, monkeypatch: pytest.MonkeyPatch) -> None:
        made = scim.user()
        monkeypatch.setattr("identity.scim.mapping.user_profile", lambda _resource: 1 / 0)
        answer = scim.patch(f"/Users/{made['id']}", TITLE)
        assert (answer.status_code, answer.json()["schemas"]) == (500, ERROR)
        assert "division" not in answer.content.decode()
        assert User.objects.get(pk=made["id"]).job_title == ""

    def test_the_root_without_its_last_stroke(self, scim: Scim) -> None:
        scim.user()
        assert (
            scim.client.get("/scim/v2", headers={"authorization": f"Bearer {scim.token}"}).status_code == 200
        )
        elsewhere = scim.client.get("/scim/v1/Users", headers={"authorization": f"Bearer {scim.token}"})
        assert (elsewhere.status_code, elsewhere.json()["schemas"]) == (404, ERROR)


class TestSelection:
    def test_attributes_and_excluded_ones_everywhere(self, scim: Scim) -> None:
        lena = scim.user("lena", title="Lead", name={"givenName": "Lena", "familyName": "Marsh"})
        group = scim.group("Team", [lena["id"]])
        path = f"/Users/{lena['id']}"
        assert set(scim.get(path, attributes="name.givenName").json()) == {"schemas", "id", "name"}
        assert scim.get(path, attributes="name.givenName").json()["name"] == {"givenName": "Lena"}
        assert "title" not in scim.get(path, excludedAttributes="title").json()
        changed = scim.call("PATCH", f"{path}?attributes=title", {"schemas": [PATCH], "Operations": [TITLE]})
        assert set(changed.json()) == {"schemas", "id", "title"}
        where = f"/Groups/{group['id']}"
        assert scim.get(where, attributes="members.value").json()["members"] == [{"value": lena["id"]}]
        assert "members" not in scim.get(where, attributes="displayName").json()
        assert "members" not in scim.get(where, excludedAttributes=f"{GROUP}:members").json()
        both = scim.get(path, attributes="title", excludedAttributes="name")
        assert both.status_code == 400


def test_a_5000_member_group_changes_in_one_request(scim: Scim, django_assert_max_num_queries: Any) -> None:
    people = User.objects.bulk_create(
        User(tenant=scim.tenant, username=f"u{n}", external_id=f"u{n}", display_name=f"U {n}")
        for n in range(5000)
    )
    members = [{"value": str(user.pk)} for user in people]
    group = scim.group()
    path = f"/Groups/{group['id']}"
    whole = {"schemas": [GROUP], "displayName": "Marketing", "members": members}
    steps = [
        (
            "PATCH",
            {"schemas": [PATCH], "Operations": [{"op": "add", "path": "members", "value": members}]},
            5000,
        ),
        (
            "PATCH",
            {
                "schemas": [PATCH],
                "Operations": [{"op": "remove", "path": "members", "value": members[:4000]}],
            },
            1000,
        ),
        ("PUT", whole, 5000),
        ("PATCH", {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "members"}]}, 0),
    ]
    for method, body, left in steps:
        with django_assert_max_num_queries(40):  # 500 ids an event: 10 of them are the record
            answer = scim.call(method, path, body)
        assert answer.status_code == 200, answer.content
        assert len(answer.json().get("members", [])) == left
        with tenant_scope(scim.tenant.pk):
            assert User.objects.filter(memberships__group=group["id"]).count() == left
