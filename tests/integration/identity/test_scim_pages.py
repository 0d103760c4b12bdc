"""Django admin's pages of SCIM, as the admin who sets provisioning up uses them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from identity.models import ScimCall, ScimClient, ScimToken
from identity.tenancy import tenant_scope
from tests.scene import Scene, make_scene, sign_in
from tests.scim import make


class TestPages:
    @pytest.fixture
    def scene(self, committed: None) -> Scene:
        scene = make_scene()
        sign_in(scene.clients["ada"], scene.people["ada"])
        return scene

    def test_a_client_is_made_with_scopes_and_its_token_is_shown_once(self, scene: Scene) -> None:
        admin = scene.clients["ada"]
        form = {"name": "Entra ID", "scopes": ["users:read", "users:write"], "lifetime": "90"}
        page = admin.post("/admin/identity/scimclient/add/", form)
        token = shown(page)
        client = ScimClient.objects.get(name="Entra ID")
        assert [scope.value for scope in client.scopes] == ["users:read", "users:write"]
        assert client.tokens.get().expires_at - timezone.now() > timedelta(days=89)
        assert "no-store" in page["Cache-Control"]
        assert asked(token, "/Users") == 200
        assert asked(token, "/Groups") == 403
        assert token not in admin.get(f"/admin/identity/scimclient/{client.pk}/change/").content.decode()
        none = admin.post("/admin/identity/scimclient/add/", {"name": "None"})
        assert none.status_code == 200
        assert not ScimClient.objects.filter(name="None").exists()

    def test_a_token_is_replaced_with_overlap_and_revoked(self, scene: Scene) -> None:
        admin = scene.clients["ada"]
        pk = scene.objects["admin/identity/scimclient"]
        first = shown(admin.post(f"/admin/identity/scimclient/{pk}/rotate/", {"overlap": "24"}))
        second = shown(admin.post(f"/admin/identity/scimclient/{pk}/rotate/", {"overlap": "24"}))
        assert asked(first, "/Users") == asked(second, "/Users") == 200
        old = ScimToken.objects.get(hash=ScimToken.hash_of(first))
        action = {"action": "revoke", "_selected_action": [str(old.pk)]}
        assert admin.post("/admin/identity/scimtoken/", action).status_code == 302
        assert (asked(first, "/Users"), asked(second, "/Users")) == (401, 200)
        action = {"action": "revoke", "_selected_action": [pk]}
        admin.post("/admin/identity/scimclient/", action)
        assert asked(second, "/Users") == 401
        assert admin.get(f"/admin/identity/scimclient/{pk}/rotate/").status_code == 404

    def test_scopes_change_at_the_next_request(self, scene: Scene) -> None:
        admin, pk = scene.clients["ada"], scene.objects["admin/identity/scimclient"]
        token = shown(admin.post(f"/admin/identity/scimclient/{pk}/rotate/", {"overlap": "0"}))
        assert asked(token, "/Groups") == 200
        form = {"name": "Okta", "scopes": ["users:read"]}
        assert admin.post(f"/admin/identity/scimclient/{pk}/change/", form).status_code == 302
        assert (asked(token, "/Groups"), asked(token, "/Users")) == (403, 200)
        assert ScimClient.objects.get(pk=pk).name == "Okta"

    def test_the_last_requests_with_filters_and_an_empty_state(self, scene: Scene) -> None:
        admin, pk = scene.clients["ada"], scene.objects["admin/identity/scimclient"]
        token = shown(admin.post(f"/admin/identity/scimclient/{pk}/rotate/", {"overlap": "0"}))
        asked(token, "/Users?filter=nickName%20pr")
        row = 'class="field-scim_type">invalidFilter<'
        assert row in admin.get("/admin/identity/scimcall/?outcome=refused").content.decode()
        assert row not in admin.get("/admin/identity/scimcall/?outcome=done").content.decode()
        with tenant_scope(scene.people["ada"].tenant_id):
            ScimCall.objects.all().delete()
        empty = admin.get("/admin/identity/scimcall/").content.decode()
        assert "/admin/identity/scimclient/add/" in empty

    def test_another_tenant_s_are_not_shown(self, scene: Scene) -> None:
        theirs = make("fabrikam")
        theirs.get("/Users")
        admin = scene.clients["ada"]
        for page in (f"scimclient/{theirs.row.pk}/change/", f"scimclient/{theirs.row.pk}/rotate/"):
            assert admin.get(f"/admin/identity/{page}").status_code in {302, 404}
        listed = ScimToken.objects.get(client=theirs.row)
        action = {"action": "revoke", "_selected_action": [str(listed.pk)]}
        admin.post("/admin/identity/scimtoken/", action)
        assert theirs.get("/Users").status_code == 200


def shown(page: Any) -> str:
    """The token on the page that shows it."""
    found = re.search(r"scim_[\w-]{40,}", page.content.decode())
    assert found, page.content[:500]
    return found[0]


def asked(token: str, path: str) -> int:
    return Client(headers={"authorization": f"Bearer {token}"}).get(f"/scim/v2{path}").status_code
