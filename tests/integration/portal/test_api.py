"""The API: bearer tokens alone, each for what it was given, masked as the pages (I5)."""

import datetime as dt
import json
import logging

import pytest
from django.test import Client
from django.utils import timezone

from identity import services
from identity.models import AccessToken, User
from identity.tenancy import tenant_scope
from tests import live_apps
from tests.cast import Cast
from tests.scene import sign_in
from tests.tokens import caller, make_token

ME = "/api/v1/me"
RECORDS = "/api/v1/apps/leads/datasets/leads/records"
EXPORTS = "/api/v1/apps/leads/datasets/leads/exports"


@pytest.fixture
def leads(committed_cast: Cast) -> Cast:
    app = live_apps.make_app(committed_cast.lena)
    live_apps.add(app, committed_cast.mia)
    return committed_cast


def test_a_token_tells_whose_it_is(cast: Cast) -> None:
    row, token = make_token(cast.lena, "apps:read")
    answer = caller(token).get(ME)
    told = answer.json()
    assert (told["username"], told["tenant"], told["roles"]) == (
        "lena.marsh@contoso.example",
        "contoso",
        ["builder", "end_user"],
    )
    assert told["token"]["scopes"] == ["apps:read"]
    assert answer["Cache-Control"] == "no-store"
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert row.prefix == token[:12]
    assert token not in json.dumps(AccessToken.objects.values().get(), default=str)


def test_cookies_are_worth_nothing_and_survive(cast: Cast, client: Client) -> None:
    sign_in(client, cast.ada)
    answer = client.get(ME)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="portal"')
    assert not answer.cookies
    _row, token = make_token(cast.mia)
    told = client.get(ME, headers={"authorization": f"Bearer {token}"}).json()
    assert told["username"] == cast.mia.username
    assert client.get("/admin/").status_code == 200


def test_tokens_are_worth_nothing_elsewhere(cast: Cast) -> None:
    _row, token = make_token(cast.ada)
    for address in ("/", "/apps/", "/admin/", "/account/tokens/", "/scim/v2/Users"):
        assert caller(token).get(address).status_code in {302, 401}


@pytest.mark.parametrize(
    ("header", "status", "error"),
    [
        (None, 401, None),
        ("Basic bGVuYTpwYXNz", 401, None),
        ("Bearer", 400, "invalid_request"),
        ("Bearer one two", 400, "invalid_request"),
        ("Bearer " + "x" * 500, 400, "invalid_request"),
        ("Bearer map_unknown", 401, "invalid_token"),
        ("Bearer null", 401, "invalid_token"),
    ],
)
def test_refusals_say_what_rfc_6750_says(
    db: None, header: str | None, status: int, error: str | None
) -> None:
    answer = Client(headers={"authorization": header} if header else {}).get(ME)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    challenge = answer["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="portal"')
    assert ("error=" in challenge) is bool(error)
    assert not error or f'error="{error}"' in challenge


def _expire(row: AccessToken, owner: User) -> None:
    past = timezone.now() - dt.timedelta(days=1)
    AccessToken.objects.filter(pk=row.pk).update(created_at=past - dt.timedelta(days=1), expires_at=past)


def _revoke(row: AccessToken, owner: User) -> None:
    with tenant_scope(owner.tenant_id):
        services.revoke_token(by=owner, token_id=row.pk)


def _deactivate(row: AccessToken, owner: User) -> None:
    with tenant_scope(owner.tenant_id):
        services.deactivate_user(by=None, user=owner)


def _behind_the_services(row: AccessToken, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)


def _remove(row: AccessToken, owner: User) -> None:
    with tenant_scope(owner.tenant_id):
        services.remove_user(by=None, user=owner)


@pytest.mark.parametrize("kind", list(AccessToken.Kind))
@pytest.mark.parametrize("end", [_expire, _revoke, _deactivate, _behind_the_services, _remove])
def test_a_dead_token_is_refused_at_once(cast: Cast, end, kind: AccessToken.Kind) -> None:
    row, token = make_token(cast.lena, kind=kind)
    assert caller(token).get(ME).status_code == 200
    end(row, cast.lena)
    answer = caller(token).get(ME)
    assert (answer.status_code, 'error="invalid_token"' in answer["WWW-Authenticate"]) == (401, True)


def test_reactivation_revives_no_token(cast: Cast) -> None:
    row, token = make_token(cast.lena)
    _deactivate(row, cast.lena)
    with tenant_scope(cast.tenant.pk):
        profile = services.Profile.of(cast.lena)
        services.change_user(by=None, user=cast.lena, profile=_active(profile))
    assert User.objects.get(pk=cast.lena.pk).is_active
    assert caller(token).get(ME).status_code == 401


def _active(profile: services.Profile) -> services.Profile:
    return services.Profile(**{**vars(profile), "is_active": True})


@pytest.mark.parametrize(
    ("method", "address", "scope"),
    [
        ("GET", "/api/v1/apps", "apps:read"),
        ("GET", RECORDS, "records:read"),
        ("POST", EXPORTS, "exports:create"),
    ],
)
def test_each_operation_needs_its_scope(leads: Cast, method: str, address: str, scope: str) -> None:
    _row, without = make_token(leads.mia, *({"apps:read", "records:read", "exports:create"} - {scope}))
    body = json.dumps({"purpose": "Fair follow-up", "target": "eu"})
    refused = caller(without).generic(method, address, body, content_type="application/json")
    assert refused.status_code == 403
    assert f'error="insufficient_scope", scope="{scope}"' in refused["WWW-Authenticate"]
    _row, right = make_token(leads.mia, scope)
    allowed = caller(right).generic(method, address, body, content_type="application/json")
    assert allowed.status_code in {200, 202}, allowed.content


def test_records_are_masked_and_paged(leads: Cast) -> None:
    _row, token = make_token(leads.mia, "records:read")
    answer = caller(token).get(RECORDS)
    told = answer.json()
    assert (told["count"], told["page"], told["pages"]) == (1, 1, 1)
    assert not [canary for canary in live_apps.CANARIES if canary in answer.content.decode()]
    assert told["records"][0]["masked"]
    assert told["records"][0]["values"]["company"] == "Contoso"


def test_what_the_owner_may_not_the_token_may_not(leads: Cast) -> None:
    for person, status in ((leads.sana, 403), (leads.nils, 404)):
        _row, token = make_token(person)
        answer = caller(token).get(RECORDS)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"purpose": "x"}', '{"purpose": "a\\u0000bcdef", "target": "eu"}']
)
def test_a_bad_body_is_a_400(leads: Cast, body: str) -> None:
    _row, token = make_token(leads.mia)
    answer = caller(token).post(EXPORTS, body, content_type="application/json")
    assert answer.status_code == 400, answer.content


def test_no_token_in_the_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    _row, token = make_token(cast.lena)
    with caplog.at_level(logging.DEBUG):
        caller(token).get(ME)
        caller(token + "x").get(ME)
        caller(token).get("/api/v1/nothing")
    assert token not in caplog.text


def test_the_document_names_what_there_is(db: None) -> None:
    told = Client().get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.")
    assert set(told["paths"]) == {
        "/me",
        "/token",
        "/apps",
        "/apps/{slug}/datasets/{dataset}/records",
        "/apps/{slug}/datasets/{dataset}/exports",
        "/policy/versions",
        "/policy/versions/{version_id}",
        "/decisions",
        "/decisions/batch",
    }
    for path, methods in told["paths"].items():
        address = "/api/v1" + path.replace("{slug}", "leads").replace("{dataset}", "leads")
        for method in methods:
            assert Client().generic(method.upper(), address).status_code == 401
