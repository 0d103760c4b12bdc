"""An admin connects a provider: discovery, check, test sign-in, enable."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from identity.models import EmailDomain, IdentityProvider
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.hostile import HostileProvider
from tests.provider import answer_of
from tests.scene import sign_in
from vault.services import provision

pytestmark = pytest.mark.django_db
PAGE = "/admin/identity/identityprovider/"


@pytest.fixture
def idp(cast: Cast) -> Iterator[HostileProvider]:
    cache.clear()
    with tenant_scope(cast.tenant.pk):
        provision(by=None, tenant=cast.tenant.pk)
    started = HostileProvider()
    started.slug = "contoso-id"
    yield started
    started.close()


@pytest.fixture
def ada(cast: Cast, client: Client) -> Client:
    sign_in(client, cast.ada)
    return client


def form(idp: HostileProvider, **changes: str) -> dict[str, str]:
    return {
        "name": "Contoso ID",
        "slug": "contoso-id",
        "issuer": idp.issuer,
        "client_id": "portal",
        "secret": "s3cret-of-the-client",
        "match": "external_id",
        "subject": "",
        "step_up_contexts": "high",
        "domains": "contoso.example\nContoso.test",
    } | changes


@pytest.fixture
def row(idp: HostileProvider, ada: Client) -> IdentityProvider:
    answer = ada.post(f"{PAGE}add/", form(idp))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return IdentityProvider.objects.get()


def trial(idp: HostileProvider, ada: Client, row: IdentityProvider, sub: str) -> Any:
    start = ada.post(f"{PAGE}{row.pk}/test/")
    idp.begin(answer_of(start["Location"]), sub)
    idp.spent.clear()
    return ada.get(idp.callback_url)


def test_connected_with_what_to_paste(idp, ada, row: IdentityProvider, cast: Cast) -> None:
    assert (row.tenant_id, row.kind, row.is_enabled) == (cast.tenant.pk, "oidc", False)
    assert set(EmailDomain.objects.values_list("domain", flat=True)) == {"contoso.example", "contoso.test"}
    page = ada.get(f"{PAGE}{row.pk}/change/").content.decode()
    for address in ("/sign-in/contoso-id/callback/", "/sign-in/contoso-id/backchannel-logout/"):
        assert f"http://testserver{address}" in page
    assert f"{idp.issuer}/authorize" in page
    assert "k1" in page, "the keys"


def test_the_secret_is_never_shown(idp, ada, row: IdentityProvider) -> None:
    for page in (f"{PAGE}{row.pk}/change/", PAGE, f"{PAGE}{row.pk}/history/"):
        assert b"s3cret-of-the-client" not in ada.get(page, follow=True).content
    values = form(idp, secret="", name="Renamed", domains="contoso.example")
    assert ada.post(f"{PAGE}{row.pk}/change/", values).status_code == 302
    trial(idp, ada, row, "x")
    assert idp.redeemed["client_secret"] == "s3cret-of-the-client", "an empty field kept it"
    row.refresh_from_db()
    assert (row.name, row.domains.count()) == ("Renamed", 1)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "https://127.0.0.1:9/x", "ftp://x", "x"])
def test_an_issuer_that_publishes_nothing_is_refused(idp, ada, issuer: str) -> None:
    answer = ada.post(f"{PAGE}add/", form(idp, issuer=issuer))
    assert b"No discovery document can be used there" in answer.content
    assert not IdentityProvider.objects.exists()


def test_the_check_tells_a_wrong_client(idp, ada, row: IdentityProvider) -> None:
    idp.token_error = "invalid_client"
    assert b"does not accept the client id and secret" in ada.post(f"{PAGE}{row.pk}/check/").content
    idp.token_error = "invalid_grant"
    page = ada.post(f"{PAGE}{row.pk}/check/").content
    assert b"It accepts the client id and secret" in page
    assert b"does not announce PKCE" in page


def test_a_test_shows_the_claims_and_opens_no_session(idp, ada, row: IdentityProvider, cast: Cast) -> None:
    before = (ada.session.session_key, ada.session["_auth_user_id"])
    page = trial(idp, ada, row, cast.ada.external_id)
    content = page.content.decode()
    assert "It works: Ada Kern" in content
    assert cast.ada.external_id in content
    assert idp.id_token() not in content
    assert (ada.session.session_key, ada.session["_auth_user_id"]) == before
    row.refresh_from_db()
    assert row.tested_at


def test_enabled_only_after_a_test_by_an_admin(idp, ada, row: IdentityProvider, cast: Cast) -> None:
    def enabled() -> bool:
        ada.post(f"{PAGE}{row.pk}/enable/")
        row.refresh_from_db()
        return row.is_enabled

    assert not enabled()
    assert b"who is no admin" in trial(idp, ada, row, cast.lena.external_id).content
    assert not enabled()
    assert b"no account here has" in trial(idp, ada, row, "stranger").content
    assert not enabled()
    assert b"no account here has" in trial(idp, ada, row, cast.nils.external_id).content
    assert not enabled()
    trial(idp, ada, row, cast.ada.external_id)
    assert enabled()
    ada.post(f"{PAGE}{row.pk}/disable/")
    row.refresh_from_db()
    assert row.is_enabled, "the last way in"


def test_a_test_s_answer_is_worth_nothing_to_others(idp, ada, row: IdentityProvider, cast: Cast) -> None:
    """Not in another browser, not after the admin has signed out, and never for a session."""
    start = ada.post(f"{PAGE}{row.pk}/test/")
    idp.begin(answer_of(start["Location"]), cast.ada.external_id)
    other = Client()
    assert other.get(idp.callback_url).status_code == 403
    session = ada.session
    del session["_auth_user_id"]
    session.save()
    assert ada.get(idp.callback_url).status_code == 403
    assert "_auth_user_id" not in ada.session


def test_what_is_off_signs_nobody_in(idp, row: IdentityProvider) -> None:
    client = Client()
    assert client.post("/sign-in/contoso-id/").status_code == 404
    assert client.get("/sign-in/contoso-id/callback/?code=x&state=y").status_code == 403


def test_another_tenant_s_admin_sees_none_of_it(idp, row: IdentityProvider, cast: Cast) -> None:
    IdentityProvider.objects.update(tenant=cast.other)
    client = Client()
    sign_in(client, cast.ada)
    assert row.name not in client.get(PAGE).content.decode()
    for step in ("check", "test", "enable", "disable"):
        assert client.post(f"{PAGE}{row.pk}/{step}/").status_code == 404


def test_deleted_with_its_secret(idp, ada, row: IdentityProvider, cast: Cast) -> None:
    assert ada.post(f"{PAGE}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not IdentityProvider.objects.exists()
    assert not EmailDomain.objects.exists()
