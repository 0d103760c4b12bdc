"""Clients, their scopes and tokens, and the list of their last requests."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from identity import services
from identity.errors import BadInput
from identity.models import ScimCall, ScimScope, ScimToken
from identity.services import scim as service
from identity.tenancy import tenant_scope
from tests.scim import GROUP, PATCH, USER, Scim

pytestmark = pytest.mark.django_db
READS = {"/Users": "users:read", "/Groups": "groups:read", "/?filter=id%20pr": "users:read groups:read"}


def calls(scim: Scim) -> list[ScimCall]:
    """Newest first."""
    with tenant_scope(scim.tenant.pk):
        return list(ScimCall.objects.filter(client=scim.row))


class TestScopes:
    @pytest.mark.parametrize("path", READS)
    @pytest.mark.parametrize("lacks", ["users:read", "groups:read"])
    def test_reading(self, scim: Scim, path: str, lacks: str) -> None:
        scopes = [scope for scope in ScimScope if scope.value != lacks]
        services.change_scim_client(by=None, client=scim.row, name="P", scopes=scopes)
        answer = scim.call("GET", path)
        assert answer.status_code == (403 if lacks in READS[path] else 200)

    def test_writing(self, scim: Scim) -> None:
        user, group = scim.user(), scim.group()
        reading = [ScimScope.USERS_READ, ScimScope.GROUPS_READ]
        services.change_scim_client(by=None, client=scim.row, name="P", scopes=reading)
        op = {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "externalId"}]}
        for path in (f"/Users/{user['id']}", f"/Groups/{group['id']}"):
            for method, body in (("PATCH", op), ("PUT", {}), ("DELETE", None)):
                answer = scim.call(method, path, body)
                assert (answer.status_code, answer.json()["status"]) == (403, "403")
            assert scim.get(path).status_code == 200
        assert scim.call("POST", "/Users", {"schemas": [USER], "userName": "x"}).status_code == 403
        assert scim.call("POST", "/Groups", {"schemas": [GROUP], "displayName": "x"}).status_code == 403

    def test_none_is_refused(self, scim: Scim) -> None:
        with pytest.raises(BadInput):
            services.change_scim_client(by=None, client=scim.row, name="P", scopes=[])


class TestTokens:
    def test_the_old_one_is_valid_as_long_as_was_chosen(self, scim: Scim) -> None:
        old = scim.token
        new = services.rotate_scim_token(by=None, client=scim.row, overlap=timedelta(hours=1))
        for token in (old, new):
            scim.token = token
            assert scim.get("/Users").status_code == 200
        first = ScimToken.objects.get(hash=ScimToken.hash_of(old))
        assert timedelta(minutes=59) < first.expires_at - timezone.now() <= timedelta(hours=1)
        ScimToken.objects.filter(pk=first.pk).update(expires_at=timezone.now())
        scim.token = old
        assert scim.get("/Users").status_code == 401
        scim.token = new
        assert scim.get("/Users").status_code == 200

    def test_no_overlap_ends_it_at_once(self, scim: Scim) -> None:
        services.rotate_scim_token(by=None, client=scim.row, overlap=timedelta(0))
        assert scim.get("/Users").status_code == 401

    def test_rotation_does_not_lengthen_a_life(self, scim: Scim) -> None:
        soon = timezone.now() + timedelta(minutes=5)
        ScimToken.objects.update(expires_at=soon)
        services.rotate_scim_token(by=None, client=scim.row, overlap=timedelta(days=1))
        assert ScimToken.objects.get(hash=ScimToken.hash_of(scim.token)).expires_at == soon

    def test_one_is_revoked_and_the_other_goes_on(self, scim: Scim) -> None:
        new = services.rotate_scim_token(by=None, client=scim.row, overlap=timedelta(days=1))
        services.revoke_scim_token(by=None, token=ScimToken.objects.get(hash=ScimToken.hash_of(scim.token)))
        assert scim.get("/Users").status_code == 401
        scim.token = new
        assert scim.get("/Users").status_code == 200
        services.revoke_scim_client(by=None, client=scim.row)
        assert scim.get("/Users").status_code == 401
        with pytest.raises(BadInput):
            services.rotate_scim_token(by=None, client=scim.row, overlap=timedelta(0))

    def test_last_use_is_noted(self, scim: Scim) -> None:
        assert ScimToken.objects.get().last_used_at is None
        scim.get("/Users")
        assert timezone.now() - ScimToken.objects.get().last_used_at < timedelta(minutes=1)


class TestCalls:
    def test_what_came_of_each(self, scim: Scim) -> None:
        made = scim.user("very.private@x.example")
        path = f"/Users/{made['id']}"
        scim.patch(path, {"op": "replace", "path": "title", "value": "Lead"})
        scim.call("POST", "/Users", {"schemas": [USER], "userName": "VERY.private@x.example"})
        scim.patch(path, {"op": "replace", "path": "timezone", "value": "very/private"})
        scim.patch(path, {"op": "replace", "path": 'emails[x eq "very.private"].value', "value": "v"})
        scim.get("/Users", filter='nickName eq "very.private"')
        scim.call("DELETE", path)
        scim.get(path)
        seen = [(c.method, c.resource_type, c.status, c.scim_type) for c in reversed(calls(scim))]
        assert seen == [
            ("POST", "User", 201, ""),
            ("PATCH", "User", 200, ""),
            ("POST", "User", 409, "uniqueness"),
            ("PATCH", "User", 400, "invalidValue"),
            ("PATCH", "User", 400, seen[4][3]),
            ("GET", "User", 400, "invalidFilter"),
            ("DELETE", "User", 204, ""),
            ("GET", "User", 404, ""),
        ]
        listed = list(reversed(calls(scim)))
        assert {str(listed[n].resource_id) for n in (0, 1, 3, 6)} == {made["id"]}
        assert "time_zone" in listed[3].detail
        kept = " ".join(" ".join(map(str, vars(call).values())) for call in listed)
        assert not re.search("private", kept, re.IGNORECASE), "no value of a person is kept"

    def test_a_refusal_stays_though_its_change_is_rolled_back(self, scim: Scim) -> None:
        group = scim.group()
        scim.patch(
            f"/Groups/{group['id']}",
            {"op": "replace", "path": "displayName", "value": "New"},
            {"op": "add", "path": "members", "value": [{"value": group["id"]}]},
        )
        assert scim.get(f"/Groups/{group['id']}").json()["displayName"] == "Marketing"
        assert [call.status for call in calls(scim)[:2]] == [200, 400]

    def test_a_token_that_has_ended_is_told_to_the_admin(self, scim: Scim) -> None:
        services.revoke_scim_client(by=None, client=scim.row)
        assert scim.get("/Users").status_code == 401
        assert (calls(scim)[0].status, calls(scim)[0].detail) == (401, "token revoked")

    def test_the_last_are_kept(self, scim: Scim, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "CALLS_KEPT", 5)
        monkeypatch.setattr(service, "TRIM_EVERY", 1)
        other, _token = services.issue_scim_token(by=None, tenant=scim.tenant, name="Other")
        for _ in range(12):
            scim.get("/Me")
        scim.get("/Users")
        assert len(calls(scim)) == 5
        assert calls(scim)[0].resource_type == "User"
        assert other.pk != scim.row.pk
