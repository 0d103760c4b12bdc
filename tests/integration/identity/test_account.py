"""One's own sessions and tokens, and everybody's for admins (I5)."""

import re

import pytest
from django.test import Client

from identity.models import AccessToken
from tests.cast import Cast
from tests.integration.identity.test_limits import begun
from tests.scene import sign_in
from tests.tokens import caller, make_token

pytestmark = pytest.mark.django_db
WISH = {"name": "Nightly job", "scopes": ["apps:read"], "days": "7"}


def test_ending_the_others_leaves_this_one(cast: Cast) -> None:
    here, there, hers = Client(), Client(), Client()
    begun(here, cast.mia)
    row = begun(there, cast.mia)
    begun(hers, cast.lena)
    page = here.get("/account/sessions/").content.decode()
    assert page.count("This session") == 1
    assert page.count("Firefox · Linux</span></button>") == 1
    assert here.post("/account/sessions/others/end/").status_code == 302
    assert here.get("/notices/").status_code == 200
    assert there.get("/notices/").status_code == 302
    assert hers.get("/notices/").status_code == 200
    row.refresh_from_db()
    assert (row.end, row.session_key) == ("person", "")
    assert "ended by the person" in here.get("/account/sessions/").content.decode()


def test_nobody_ends_anothers_session(cast: Cast) -> None:
    mine, hers = Client(), Client()
    begun(mine, cast.mia)
    row = begun(hers, cast.lena)
    assert mine.post(f"/account/sessions/{row.pk}/end/").status_code == 404
    assert hers.get("/notices/").status_code == 200


def test_an_admin_ends_anyones_of_the_tenant_alone(cast: Cast) -> None:
    ada, mia, nils = Client(), Client(), Client()
    sign_in(ada, cast.ada)
    mias, nilss = begun(mia, cast.mia), begun(nils, cast.nils)
    listed = ada.get("/admin/identity/loginsession/").content.decode()
    assert str(mias.pk) in listed
    assert str(nilss.pk) not in listed
    wish = {"action": "end_these", "_selected_action": [str(mias.pk), str(nilss.pk)]}
    assert ada.post("/admin/identity/loginsession/", wish).status_code == 302
    assert mia.get("/notices/").status_code == 302
    assert nils.get("/notices/").status_code == 200


def test_a_token_is_shown_once_and_works(cast: Cast, client: Client) -> None:
    begun(client, cast.mia)
    answer = client.post("/account/tokens/", WISH)
    [token] = set(re.findall(r"map_[\w-]{43}", answer.content.decode()))
    assert "no-store" in answer["Cache-Control"]
    assert caller(token).get("/api/v1/apps").status_code == 200
    page = client.get("/account/tokens/").content.decode()
    assert token not in page
    assert token[:12] in page
    row = AccessToken.objects.get()
    assert (row.owner, row.kind, row.proof["sub"]) == (cast.mia, "personal", cast.mia.external_id)
    assert client.post(f"/account/tokens/{row.pk}/revoke/").status_code == 302
    assert caller(token).get("/api/v1/apps").status_code == 401


@pytest.mark.parametrize(
    "change", [{"scopes": []}, {"scopes": ["everything"]}, {"days": "365"}, {"days": "0"}, {"name": ""}]
)
def test_too_much_is_refused(cast: Cast, client: Client, change: dict[str, object]) -> None:
    sign_in(client, cast.mia)
    assert client.post("/account/tokens/", WISH | change).status_code == 422
    assert not AccessToken.objects.exists()


def test_only_builders_and_admins_make_service_tokens(cast: Cast, client: Client) -> None:
    for person, kind in ((cast.mia, "personal"), (cast.lena, "service")):
        sign_in(client, person)
        assert client.post("/account/tokens/", WISH | {"service": "on"}).status_code == 200
        assert AccessToken.objects.get(owner=person).kind == kind


def test_a_break_glass_session_makes_none(cast: Cast, client: Client) -> None:
    sign_in(client, cast.mia)
    session = client.session
    session["sso"] = {**session["sso"], "issuer": "break-glass"}
    session.save()
    assert client.post("/account/tokens/", WISH).status_code == 403


def test_an_admin_revokes_anyones_of_the_tenant_alone(cast: Cast, client: Client) -> None:
    mias, mia = make_token(cast.mia)
    nilss, nils = make_token(cast.nils)
    sign_in(client, cast.ada)
    wish = {"action": "revoke", "_selected_action": [str(mias.pk), str(nilss.pk)]}
    client.post("/admin/identity/accesstoken/", wish)
    assert caller(mia).get("/api/v1/me").status_code == 401
    assert caller(nils).get("/api/v1/me").status_code == 200
