"""Tenants with providers of their own: whose word counts for whom, and how a browser finds the right one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity import services
from identity.errors import BadInput, Conflict
from identity.models import IdentityProvider, LoginSession, User
from identity.services import Connection
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.hostile import HostileProvider
from tests.provider import answer_of
from vault.services import provision

pytestmark = pytest.mark.django_db


class Company:
    """One tenant's provider, connected as its admin would."""

    def __init__(self, admin: User, slug: str, domain: str, **more: str) -> None:
        self.idp = HostileProvider()
        self.idp.slug = slug
        with tenant_scope(admin.tenant_id):
            provision(by=None, tenant=admin.tenant_id)
            connection = Connection(slug, self.idp.issuer, "portal", **more)
            kind = IdentityProvider.Kind.OIDC
            self.row = services.create_provider(
                by=admin, kind=kind, slug=slug, connection=connection, secret="s3cret"
            )
            services.set_email_domains(by=admin, provider=self.row, domains=[domain])
            services.note_provider_test(by=admin, provider=self.row, passed=True)
            services.enable_provider(by=admin, provider=self.row)

    def sign_in(self, client: Client, sub: str, **claims: Any) -> Any:
        start = client.post(f"/sign-in/{self.idp.slug}/", {"next": "/health/live"})
        self.idp.begin(answer_of(start["Location"]), sub)
        self.idp.claims |= claims
        self.idp.spent.clear()
        return client.get(self.idp.callback_url)


@pytest.fixture
def companies(cast: Cast) -> Iterator[tuple[Company, Company]]:
    """Contoso and Northwind, each with its provider; the deployment has none."""
    cache.clear()
    made = (
        Company(cast.ada, "contoso-id", "contoso.example"),
        Company(cast.vera, "northwind-id", "northwind.example"),
    )
    yield made
    for one in made:
        one.idp.close()


def who(client: Client) -> str:
    return client.session.get("_auth_user_id", "")


def test_each_signs_in_its_own_people(companies, cast: Cast) -> None:
    for company, person in zip(companies, (cast.lena, cast.nils), strict=True):
        client = Client()
        answer = company.sign_in(client, person.external_id)
        assert (answer.status_code, answer["Location"]) == (302, "/health/live")
        assert who(client) == str(person.pk)
        assert LoginSession.objects.get(user=person).issuer == company.idp.issuer


def test_the_secret_comes_from_the_vault(companies, cast: Cast) -> None:
    contoso, _northwind = companies
    contoso.sign_in(Client(), cast.lena.external_id)
    assert contoso.idp.redeemed["client_secret"] == "s3cret"


def test_the_same_subject_at_another_tenant_s_provider_is_nobody(companies, cast: Cast) -> None:
    _contoso, northwind = companies
    client = Client()
    answer = northwind.sign_in(client, cast.lena.external_id)
    assert answer.status_code == 403
    assert b"You have no account here yet" in answer.content
    assert not who(client)


def test_twins_in_two_tenants_are_told_apart_by_provider(companies, cast: Cast) -> None:
    User.objects.filter(pk=cast.nils.pk).update(external_id=cast.lena.external_id)
    contoso, northwind = companies
    for company, person in ((contoso, cast.lena), (northwind, cast.nils)):
        client = Client()
        company.sign_in(client, cast.lena.external_id)
        assert who(client) == str(person.pk)


def test_an_answer_at_another_provider_s_address_is_a_mix_up(companies, cast: Cast) -> None:
    """RFC 9700, 4.4: the state is bound to the provider that the sign-in began at."""
    contoso, northwind = companies
    client = Client()
    start = client.post("/sign-in/contoso-id/")
    contoso.idp.begin(answer_of(start["Location"]), cast.lena.external_id)
    contoso.idp.slug = "northwind-id"
    assert client.get(contoso.idp.callback_url).status_code == 403
    contoso.idp.slug, contoso.idp.callback["iss"] = "contoso-id", northwind.idp.issuer
    assert client.get(contoso.idp.callback_url).status_code == 403
    assert not who(client)


def test_the_deployment_s_provider_serves_only_tenants_that_bring_none(
    companies, cast: Cast, settings: Any
) -> None:
    own = HostileProvider()
    settings.OIDC = {**settings.OIDC, "issuer": own.issuer, "client_id": "portal"}
    settings.SECRETS = {**settings.SECRETS, "oidc-client": "secret"}
    client = Client()
    for enabled, status in ((True, 403), (False, 302)):
        IdentityProvider.objects.filter(slug="contoso-id").update(is_enabled=enabled)
        start = client.post("/sign-in/", {"email": "lena@elsewhere.example"})
        url = start.context["url"]
        own.begin(answer_of(url), cast.lena.external_id)
        own.spent.clear()
        assert client.get(own.callback_url).status_code == status
    own.close()


def test_the_claim_that_names_the_person_may_be_another(cast: Cast) -> None:
    """Entra ID: `sub` is another at each application, `oid` is the objectId that SCIM brings."""
    cache.clear()
    company = Company(cast.ada, "entra", "contoso.example", subject="oid")
    client = Client()
    assert company.sign_in(client, "pairwise").status_code == 403
    assert company.sign_in(client, cast.lena.external_id).status_code == 403
    company.sign_in(client, "pairwise", oid=cast.lena.external_id)
    assert who(client) == str(cast.lena.pk)
    company.idp.close()


def test_a_claim_of_userinfo_counts_under_the_same_sub_alone(cast: Cast) -> None:
    cache.clear()
    company = Company(cast.ada, "okta", "contoso.example", subject="preferred_username", match="username")
    company.idp.extra_metadata = {"userinfo_endpoint": f"{company.idp.issuer}/userinfo"}
    client = Client()
    company.idp.userinfo = {"sub": "another", "preferred_username": cast.lena.username}
    assert company.sign_in(client, "x1").status_code == 403
    company.idp.userinfo = {"sub": "x1", "preferred_username": cast.lena.username.upper()}
    assert company.sign_in(client, "x1").status_code == 302
    assert who(client) == str(cast.lena.pk)
    company.idp.close()


def test_the_address_leads_to_the_provider(companies, cast: Cast, client: Client) -> None:
    contoso, northwind = companies
    assert b"E-mail address at work" in client.get("/sign-in/?next=/apps/").content
    for company, address in ((contoso, "who.ever@Contoso.example"), (northwind, "x@northwind.example")):
        page = client.post("/sign-in/", {"email": address, "next": "/apps/"})
        assert page.context["url"].startswith(company.idp.issuer)
        assert answer_of(page.context["url"])["login_hint"] == address
        assert b'http-equiv="refresh"' in page.content


def test_what_the_page_says_depends_on_the_domain_alone(companies, cast: Cast, client: Client) -> None:
    known = client.post("/sign-in/", {"email": cast.lena.email})
    unknown = client.post("/sign-in/", {"email": "nobody.at.all@contoso.example"})
    assert (known.status_code, unknown.status_code) == (200, 200)
    strange = client.post("/sign-in/", {"email": "lena@strange.example"})
    assert strange.status_code == 422
    assert b"No company signs in here with this domain" in strange.content


@pytest.mark.parametrize(
    "address",
    ["", "lena", "lena@contoso.example\nx: y", "a@b\x00", "x" * 300 + "@contoso.example", "@contoso.example"],
)
def test_what_is_no_address_goes_nowhere(companies, client: Client, address: str) -> None:
    answer = client.post("/sign-in/", {"email": address})
    assert answer.status_code == 422
    assert "url" not in (answer.context or {})


def test_only_one_provider_is_offered_at_once_and_remembered(companies, cast: Cast, client: Client) -> None:
    contoso, northwind = companies
    IdentityProvider.objects.filter(pk=northwind.row.pk).update(is_enabled=False)
    assert b"Continue with contoso-id" in client.get("/sign-in/").content
    contoso.sign_in(client, cast.lena.external_id)
    client.cookies.pop("portal_session")
    straight = client.get("/sign-in/?next=/apps/")
    assert straight["Location"].startswith(contoso.idp.issuer)
    assert b"Continue with contoso-id" in client.get("/sign-in/?choose").content


def test_signing_out_forgets_the_provider(companies, cast: Cast, client: Client) -> None:
    contoso, _northwind = companies
    contoso.sign_in(client, cast.lena.external_id)
    client.post("/sign-out/")
    assert client.get("/sign-in/").status_code == 200


def test_a_forged_cookie_leads_nowhere(companies, client: Client) -> None:
    client.cookies["portal_provider"] = "deployment:x:y"
    assert client.get("/sign-in/").status_code == 200


def test_the_address_of_the_app_tile(companies, client: Client) -> None:
    page = client.get("/sign-in/contoso-id/?target_link_uri=//evil.example&login_hint=x&prompt=none")
    assert b'name="next" value="/"' in page.content
    asked = answer_of(client.post("/sign-in/contoso-id/?login_hint=x&prompt=none")["Location"])
    assert not {"login_hint", "prompt"} & asked.keys()
    assert client.get("/sign-in/nowhere/").status_code == 404


def test_a_session_s_own_provider_is_asked_for_the_step_up(cast: Cast, client: Client) -> None:
    cache.clear()
    company = Company(cast.ada, "contoso-id", "contoso.example", step_up_contexts="phr mfa")
    company.sign_in(client, cast.ada.external_id)
    asked = answer_of(client.get("/admin/")["Location"])
    assert asked["acr_values"] == "phr mfa"
    company.idp.begin(asked, cast.ada.external_id)
    company.idp.spent.clear()
    assert client.get(company.idp.callback_url)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    company.idp.close()


def test_the_check_of_a_session_costs_no_query_more(companies, cast: Cast, client: Client) -> None:
    """That of the account alone, as for any signed-in request of Django: neither login nor provider."""
    contoso, _northwind = companies
    contoso.sign_in(client, cast.lena.external_id)
    client.get("/sign-in/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get("/sign-in/").status_code == 302
    tables = [query["sql"] for query in asked if "FROM" in query["sql"]]
    assert len(tables) == 1, tables
    assert '"identity_user"' in tables[0]


class TestNeverLockedOut:
    """What the services refuse."""

    def test_no_provider_is_enabled_untested(self, companies, cast: Cast) -> None:
        contoso, _northwind = companies
        row = contoso.row
        with tenant_scope(cast.tenant.pk):
            changed = Connection("Contoso", "https://new.example", "portal")
            services.change_provider(by=cast.ada, provider=row, connection=changed)
            IdentityProvider.objects.filter(pk=row.pk).update(is_enabled=False)
            with pytest.raises(Conflict, match="Test the sign-in"):
                services.enable_provider(by=cast.ada, provider=row)

    def test_the_last_way_in_stays(self, companies, cast: Cast) -> None:
        contoso, _northwind = companies
        with tenant_scope(cast.tenant.pk), pytest.raises(Conflict, match="last way in"):
            services.disable_provider(by=cast.ada, provider=contoso.row)
        contoso.row.refresh_from_db()
        assert contoso.row.is_enabled

    def test_a_deployment_s_provider_counts_where_the_admin_was_before(
        self, companies, cast: Cast, settings: Any
    ) -> None:
        contoso, _northwind = companies
        settings.OIDC = {**settings.OIDC, "issuer": "https://own.example", "client_id": "portal"}
        with tenant_scope(cast.tenant.pk):
            with pytest.raises(Conflict):
                services.disable_provider(by=cast.ada, provider=contoso.row)
            LoginSession.objects.create(
                user=cast.ada, issuer="https://own.example", sub="x", session_key="k" * 32
            )
            services.disable_provider(by=cast.ada, provider=contoso.row)
        contoso.row.refresh_from_db()
        assert not contoso.row.is_enabled

    @pytest.mark.parametrize("slug", ["callback", "backchannel-logout", "contoso-id"])
    def test_names_that_are_taken(self, companies, cast: Cast, slug: str) -> None:
        with tenant_scope(cast.other.pk), pytest.raises((BadInput, Conflict)):
            services.create_provider(
                by=cast.vera,
                kind=IdentityProvider.Kind.OIDC,
                slug=slug,
                connection=Connection("x", "https://x.example", "portal"),
            )

    def test_a_domain_leads_to_one_provider(self, companies, cast: Cast) -> None:
        _contoso, northwind = companies
        with tenant_scope(cast.other.pk):
            with pytest.raises(Conflict):
                services.set_email_domains(by=cast.vera, provider=northwind.row, domains=["CONTOSO.example"])
            with pytest.raises(BadInput):
                services.set_email_domains(by=cast.vera, provider=northwind.row, domains=["no domain"])
