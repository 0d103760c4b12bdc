"""The SCIM endpoint as providers drive it, and every trap of the stock library that it must not have."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity import services
from identity.models import Group, Membership, Role, User
from identity.roles import roles_of
from identity.tenancy import tenant_scope
from tests.scim import ENTERPRISE, GROUP, USER, Scim

pytestmark = pytest.mark.django_db


class TestWhoMayCall:
    def test_a_token_is_asked_for(self, scim: Scim) -> None:
        for header in ({}, {"authorization": "Bearer nonsense"}, {"authorization": f"Basic {scim.token}"}):
            answer = Client(headers=header).get("/scim/v2/Users")
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"].startswith("Bearer")
            assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize(
        "path", ["Users", f"Users/{uuid.UUID(int=1)}", "Groups", "Schemas", "Bulk", "Me", "x"]
    )
    def test_a_session_is_worth_nothing(self, scim: Scim, method: str, path: str) -> None:
        """An admin's cookie, and even the CSRF token with it, opens no address."""
        body = scim.user("admin")
        client = Client()
        client.force_login(User.objects.get(pk=body["id"]), backend="identity.backends.DirectoryBackend")
        assert client.generic(method, f"/scim/v2/{path}").status_code == 401

    def test_a_session_beside_a_token_changes_nothing(self, scim: Scim, other: Scim) -> None:
        mine = scim.user("mine")
        other.user("theirs")
        client = Client(headers={"authorization": f"Bearer {other.token}"})
        client.force_login(User.objects.get(pk=mine["id"]), backend="identity.backends.DirectoryBackend")
        listed = client.get("/scim/v2/Users").json()["Resources"]
        assert [row["userName"] for row in listed] == ["theirs"]

    def test_a_revoked_token_is_refused_at_once(self, scim: Scim) -> None:
        assert scim.get("/Users").status_code == 200
        services.revoke_scim_client(by=None, client=scim.row)
        assert scim.get("/Users").status_code == 401

    def test_the_token_is_kept_as_a_hash_alone(self, scim: Scim) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(t)::text FROM identity_scimtoken t")
            assert scim.token not in cursor.fetchone()[0]
        assert len(scim.token) >= 43

    def test_tenants_do_not_see_or_touch_each_other(self, scim: Scim, other: Scim) -> None:
        user, group = scim.user(), scim.group()
        for path in (f"/Users/{user['id']}", f"/Groups/{group['id']}"):
            assert other.get(path).status_code == 404
            assert other.call("DELETE", path).status_code == 404
            assert (
                other.patch(path, {"op": "replace", "path": "displayName", "value": "x"}).status_code == 404
            )
        assert other.get("/Users").json()["totalResults"] == 0
        theirs = other.group("Theirs")
        add = {"op": "add", "path": "members", "value": [{"value": user["id"]}]}
        assert other.patch(f"/Groups/{theirs['id']}", add).status_code == 400
        boss = {"op": "add", "path": f"{ENTERPRISE}:manager.value", "value": user["id"]}
        subordinate = other.user("subordinate")
        assert other.patch(f"/Users/{subordinate['id']}", boss).status_code == 400


class TestUsers:
    def test_create_read_replace_delete(self, scim: Scim) -> None:
        boss = scim.user("omar", displayName="Omar Reyes")
        made = scim.user(
            "lena",
            name={"givenName": "Lena", "familyName": "Marsh"},
            emails=[{"value": "lena@contoso.example", "primary": True, "type": "work"}],
            title="Campaign manager",
            timezone="Europe/Berlin",
            **{ENTERPRISE: {"department": "Marketing", "manager": {"value": boss["id"]}}},
        )
        assert uuid.UUID(made["id"])
        assert made["meta"]["location"] == f"http://testserver/scim/v2/Users/{made['id']}"
        row = User.objects.get(pk=made["id"])
        assert (row.display_name, row.unit, row.time_zone) == ("Lena Marsh", "Marketing", "Europe/Berlin")
        assert row.manager_id == uuid.UUID(boss["id"])
        read = scim.get(f"/Users/{made['id']}").json()
        assert read == made
        assert read[ENTERPRISE]["manager"]["$ref"] == boss["meta"]["location"]
        replaced = scim.call(
            "PUT", f"/Users/{made['id']}", {"schemas": [USER], "userName": "lena", "externalId": "x-lena"}
        ).json()
        assert ENTERPRISE not in replaced
        assert scim.call("DELETE", f"/Users/{made['id']}").status_code == 204
        assert scim.get(f"/Users/{made['id']}").status_code == 404
        assert scim.call("DELETE", f"/Users/{made['id']}").status_code == 404
        assert scim.user("lena")["id"] != made["id"], "the name is free again"

    def test_a_password_that_is_sent_is_never_set(self, scim: Scim) -> None:
        made = scim.user("lena", password="Correct-horse-9")
        path = f"/Users/{made['id']}"
        body = {"schemas": [USER], "userName": "lena", "password": "Correct-horse-9"}
        scim.call("PUT", path, body)
        scim.patch(path, {"op": "replace", "path": "password", "value": "Correct-horse-9"})
        scim.patch(path, {"op": "add", "value": {"password": "Correct-horse-9"}})
        row = User.objects.get(pk=made["id"])
        assert not row.has_usable_password()
        assert "password" not in scim.get(path).json()

    @pytest.mark.parametrize("false", [False, "False", "false"])
    def test_inactive_ends_every_session(self, scim: Scim, false: object) -> None:
        made = scim.user()
        row = User.objects.get(pk=made["id"])
        client = Client()
        client.force_login(row, backend="identity.backends.DirectoryBackend")
        assert client.get("/sign-out/").status_code == 200
        answer = scim.patch(f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": false})
        assert answer.json()["active"] is False
        assert client.get("/sign-out/").status_code == 302
        scim.patch(f"/Users/{made['id']}", {"op": "Replace", "value": {"active": True}})
        assert User.objects.get(pk=row.pk).is_active
        assert client.get("/sign-out/").status_code == 302, "the old cookie stays dead"

    def test_put_without_active_brings_nobody_back(self, scim: Scim) -> None:
        made = scim.user(active=False)
        scim.call("PUT", f"/Users/{made['id']}", {"schemas": [USER], "userName": "lena"})
        assert not User.objects.get(pk=made["id"]).is_active

    def test_names_and_provider_ids_are_unique_in_a_tenant(self, scim: Scim, other: Scim) -> None:
        scim.user("lena")
        for body in ({"userName": "LENA"}, {"userName": "new", "externalId": "x-lena"}):
            answer = scim.call("POST", "/Users", {"schemas": [USER]} | body)
            assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")
        other.user("lena")

    def test_two_people_may_lack_a_provider_id(self, scim: Scim) -> None:
        for name in ("one", "two"):
            assert scim.call("POST", "/Users", {"schemas": [USER], "userName": name}).status_code == 201

    def test_entra_s_way_of_patching(self, scim: Scim) -> None:
        boss, made = scim.user("omar"), scim.user("lena")
        path = f"/Users/{made['id']}"
        answer = scim.patch(
            path,
            {"op": "Add", "path": 'emails[type eq "work"].value', "value": "lena@contoso.example"},
            {"op": "Add", "path": "name.givenName", "value": "Lena"},
            {"op": "Replace", "path": "displayName", "value": "Lena M."},
            {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Marketing"},
            {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": boss["id"]},
        )
        assert answer.status_code == 200, answer.content
        row = User.objects.get(pk=made["id"])
        assert (row.email, row.given_name, row.display_name) == ("lena@contoso.example", "Lena", "Lena M.")
        assert (row.unit, row.manager_id) == ("Marketing", uuid.UUID(boss["id"]))
        assert scim.patch(path, {"op": "Remove", "path": f"{ENTERPRISE}:manager"}).status_code == 200
        assert User.objects.get(pk=made["id"]).manager_id is None

    def test_okta_s_way_of_patching(self, scim: Scim) -> None:
        made = scim.user("lena")
        scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False, "title": "Lead"}})
        row = User.objects.get(pk=made["id"])
        assert (row.is_active, row.job_title) == (False, "Lead")

    def test_a_patch_is_done_whole_or_not_at_all(self, scim: Scim) -> None:
        made = scim.user("lena")
        answer = scim.patch(
            f"/Users/{made['id']}",
            {"op": "replace", "path": "title", "value": "Lead"},
            {"op": "replace", "path": "userName", "value": "x" * 300},
        )
        assert answer.status_code == 400
        assert User.objects.get(pk=made["id"]).job_title == ""


class TestGroups:
    def test_put_replaces_and_patch_changes_members(self, scim: Scim) -> None:
        ids = [scim.user(name)["id"] for name in ("a", "b", "c")]
        group = scim.group("Marketing", ids[:1])
        path = f"/Groups/{group['id']}"
        assert scim.members(group) == {ids[0]}
        body = {"schemas": [GROUP], "displayName": "Marketing", "members": [{"value": i} for i in ids[1:]]}
        assert scim.call("PUT", path, body).status_code == 200
        assert scim.members(group) == set(ids[1:])
        scim.patch(path, {"op": "add", "path": "members", "value": [{"value": ids[0]}]})
        assert scim.members(group) == set(ids)
        scim.patch(path, {"op": "remove", "path": f'members[value eq "{ids[1]}"]'})
        assert scim.members(group) == {ids[0], ids[2]}
        scim.patch(path, {"op": "Remove", "path": "members", "value": [{"value": ids[2]}]})
        assert scim.members(group) == {ids[0]}
        scim.patch(path, {"op": "replace", "path": "members", "value": [{"value": ids[1]}]})
        assert scim.members(group) == {ids[1]}
        scim.patch(path, {"op": "remove", "path": "members"})
        assert scim.members(group) == set()

    def test_roles_follow_membership(self, scim: Scim) -> None:
        user, group = scim.user(), scim.group("Builders")
        with tenant_scope(scim.tenant.pk):
            services.grant_role(by=None, group=Group.objects.get(pk=group["id"]), role=Role.BUILDER)
            assert Role.BUILDER not in roles_of(User.objects.get(pk=user["id"]))
        add = {"op": "add", "path": "members", "value": [{"value": user["id"]}]}
        scim.patch(f"/Groups/{group['id']}", add)
        with tenant_scope(scim.tenant.pk):
            assert Role.BUILDER in roles_of(User.objects.get(pk=user["id"]))
        scim.call("DELETE", f"/Groups/{group['id']}")
        with tenant_scope(scim.tenant.pk):
            assert Role.BUILDER not in roles_of(User.objects.get(pk=user["id"]))

    def test_a_user_and_a_group_never_share_an_id(self, scim: Scim) -> None:
        user = scim.user()
        assert scim.get(f"/Groups/{user['id']}").status_code == 404

    def test_unknown_members_are_refused(self, scim: Scim) -> None:
        group = scim.group()
        for value in (str(uuid.uuid4()), "not-an-id"):
            add = {"op": "add", "path": "members", "value": [{"value": value}]}
            assert scim.patch(f"/Groups/{group['id']}", add).status_code == 400

    def test_thousands_of_members_cost_few_statements(self, scim: Scim) -> None:
        people = User.objects.bulk_create(
            User(tenant=scim.tenant, username=f"u{n}", external_id=f"u{n}", display_name=f"U {n}")
            for n in range(2000)
        )
        group = scim.group()
        add = {"op": "add", "path": "members", "value": [{"value": str(user.pk)} for user in people]}
        with CaptureQueriesContext(connection) as queries:
            assert scim.patch(f"/Groups/{group['id']}", add).status_code == 200
        assert len(queries) < 40
        with tenant_scope(scim.tenant.pk):
            assert Membership.objects.filter(group=group["id"]).count() == 2000


class TestQueries:
    @pytest.fixture(autouse=True)
    def _people(self, scim: Scim) -> None:
        boss = scim.user("omar@x.example", displayName="Omar Reyes")
        scim.user(
            "lena@x.example",
            displayName="Lena 100%",
            emails=[{"value": "lena@x.example", "type": "work"}],
            **{ENTERPRISE: {"department": "Marketing", "manager": {"value": boss["id"]}}},
        )
        scim.user("mia_n@x.example", displayName="Mia Novak", active=False)

    @pytest.mark.parametrize(
        ("filter_", "expected"),
        [
            ('userName eq "LENA@X.EXAMPLE"', {"lena@x.example"}),
            ('externalId eq "x-lena@x.example"', {"lena@x.example"}),
            ('externalId eq "X-LENA@X.EXAMPLE"', set()),
            ('displayName co "%"', {"lena@x.example"}),
            ('userName co "a_n"', {"mia_n@x.example"}),
            ('userName sw "l" or active eq false', {"lena@x.example", "mia_n@x.example"}),
            ('userName sw "l" and active eq False', set()),
            ('active eq "False"', {"mia_n@x.example"}),
            ("not (active eq true)", {"mia_n@x.example"}),
            ("emails pr", {"lena@x.example"}),
            ('emails[type eq "work" and value co "lena"]', {"lena@x.example"}),
            ('emails.value ew "@x.example"', {"lena@x.example"}),
            (f'{ENTERPRISE}:department eq "marketing"', {"lena@x.example"}),
            (f"{ENTERPRISE}:manager pr", {"lena@x.example"}),
            (f'{USER}:userName ne "omar@x.example"', {"lena@x.example", "mia_n@x.example"}),
            ('displayName gt "m"', {"omar@x.example", "mia_n@x.example"}),
            ('meta.lastModified gt "2020-01-01T00:00:00Z" and displayName sw "o"', {"omar@x.example"}),
            ('id eq "nonsense"', set()),
        ],
    )
    def test_filters(self, scim: Scim, filter_: str, expected: set[str]) -> None:
        assert set(scim.found("Users", filter_)) == expected

    @pytest.mark.parametrize(
        "filter_",
        [
            'nickName eq "x"',
            'userName eq "lena@x.example" and nickName eq "x"',
            'userName eq "lena@x.example" or password pr',
            "userName eq",
            'userName xx "y"',
            "active gt true",
            'groups.value eq "x"',
            'userName eq "a"; DROP TABLE identity_user',
        ],
    )
    def test_what_cannot_be_asked_is_refused_not_dropped(self, scim: Scim, filter_: str) -> None:
        answer = scim.get("/Users", filter=filter_)
        assert answer.status_code == 400, answer.content
        assert answer.json()["scimType"] == "invalidFilter"

    def test_group_filters(self, scim: Scim) -> None:
        user = scim.get("/Users", filter='userName sw "omar"').json()["Resources"][0]
        scim.group("Marketing", [user["id"]])
        scim.group("Sales")
        assert scim.found("Groups", 'displayName eq "MARKETING"') == ["Marketing"]
        assert scim.found("Groups", f'members eq "{user["id"]}"') == ["Marketing"]
        assert scim.found("Groups", f'members[value eq "{user["id"]}"]') == ["Marketing"]
        assert scim.found("Groups", "not (members pr)") == ["Sales"]

    def test_paging_is_stable_and_capped(self, scim: Scim) -> None:
        names: list[str] = []
        for start in (1, 2, 3, 4):
            page = scim.get("/Users", startIndex=start, count=1).json()
            assert page["totalResults"] == 3
            names += [row["userName"] for row in page.get("Resources", [])]
        assert sorted(names) == ["lena@x.example", "mia_n@x.example", "omar@x.example"]
        assert scim.get("/Users", count=0).json()["totalResults"] == 3
        assert (
            "Resources" not in scim.get("/Users", count=0).json()
            or not scim.get("/Users", count=0).json()["Resources"]
        )
        assert scim.get("/Users", startIndex=-5, count=-1).status_code == 200
        assert scim.get("/Users", startIndex="x").status_code == 400

    def test_attributes_can_be_chosen(self, scim: Scim) -> None:
        row = scim.get("/Users", attributes="userName", filter='userName sw "lena"').json()["Resources"][0]
        assert set(row) == {"schemas", "id", "userName"}
        user = scim.get("/Users", filter='userName sw "omar"').json()["Resources"][0]
        group = scim.group("Marketing", [user["id"]])
        assert "members" not in scim.get(f"/Groups/{group['id']}", excludedAttributes="members").json()

    def test_search_by_post(self, scim: Scim) -> None:
        body = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": 'userName sw "lena"',
        }
        answer = scim.call("POST", "/Users/.search", body)
        assert [row["userName"] for row in answer.json()["Resources"]] == ["lena@x.example"]

    def test_query_count_does_not_grow(self, scim: Scim, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("identity.services.scim.TRIM_EVERY", 10**12)  # a query of its own, now and then
        people = [row["id"] for row in scim.get("/Users").json()["Resources"]]
        for number in range(20):
            scim.group(f"G{number}", people)
        for kind in ("Users", "Groups"):
            counts = []
            for count in (1, 20):
                with CaptureQueriesContext(connection) as queries:
                    scim.get(f"/{kind}", count=count)
                counts.append(len(queries))
            assert counts[0] == counts[1] <= 9


class TestDiscovery:
    def test_says_what_is_so(self, scim: Scim) -> None:
        config = scim.get("/ServiceProviderConfig").json()
        assert {k: v["supported"] for k, v in config.items() if isinstance(v, dict) and "supported" in v} == {
            "patch": True,
            "bulk": True,
            "filter": True,
            "changePassword": False,
            "sort": True,
            "etag": True,
        }
        assert scim.get("/Me").status_code == 501
        types = {t["name"]: t for t in scim.get("/ResourceTypes").json()["Resources"]}
        assert types["User"]["endpoint"] == "/Users"
        assert types["User"]["schemaExtensions"] == [{"schema": ENTERPRISE, "required": False}]
        schemas = {s["id"]: s for s in scim.get("/Schemas").json()["Resources"]}
        assert set(schemas) == {USER, GROUP, ENTERPRISE}
        assert scim.get(f"/Schemas/{USER}").json() == schemas[USER]
        assert "password" not in {a["name"] for a in schemas[USER]["attributes"]}

    def test_every_attribute_of_the_schemas_is_kept(self, scim: Scim) -> None:
        """Whatever discovery calls writable comes back as it was sent."""
        boss = scim.user("boss")
        sent = {
            "userName": "all",
            "displayName": "All of it",
            "name": {"formatted": "All of it", "givenName": "All", "familyName": "Of It"},
            "title": "T",
            "timezone": "Europe/Paris",
            "active": False,
            "emails": [{"value": "all@x.example", "type": "work", "primary": True}],
        }
        texts = {name: name.upper() for name in ("employeeNumber", "costCenter", "organization", "division")}
        extension = texts | {"department": "D", "manager": {"value": boss["id"]}}
        got = scim.call(
            "POST", "/Users", {"schemas": [USER, ENTERPRISE], ENTERPRISE: extension} | sent
        ).json()
        schemas = {s["id"]: s for s in scim.get("/Schemas").json()["Resources"]}
        assert {a["name"] for a in schemas[USER]["attributes"]} == set(sent)
        assert {a["name"] for a in schemas[ENTERPRISE]["attributes"]} == set(extension)
        for name, value in sent.items():
            assert got[name] == value or value.items() <= got[name].items()
        assert got[ENTERPRISE].pop("manager")["value"] == boss["id"]
        assert got[ENTERPRISE] == texts | {"department": "D"}

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("GET", "/Nothing", None, 404),
            ("GET", "/Users/5", None, 404),
            ("POST", "/Users", [], 400),
            ("POST", "/Users", {"schemas": [USER]}, 400),
            ("PATCH", "/Users", {}, 405),
            ("POST", "/Schemas", {}, 405),
            ("GET", "/Schemas?filter=x", None, 403),
        ],
    )
    def test_errors_are_scim_errors(self, scim: Scim, method: str, path: str, body: Any, status: int) -> None:
        answer = scim.call(method, path, body)
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"].startswith("application/scim+json")
        error = answer.json()
        assert error["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert error["status"] == str(status)
