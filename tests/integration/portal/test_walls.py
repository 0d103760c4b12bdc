"""M1: the database keeps tenants apart, on every table, for every role (docs/adr/0002-tenant-walls.md)."""

import psycopg
import pytest
from django.db import connection

from identity.models import Group
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.services import POSTGRES

# table -> why it has no wall
EXEMPT = {
    "django_migrations": "Django's own; no data of a tenant",
    "django_content_type": "Django's own; no data of a tenant",
    "auth_permission": "Django's own; no data of a tenant",
    "auth_group": "Django's own and unused: groups are identity_group",
    "auth_group_permissions": "Django's own and unused",
    "django_session": "read before the tenant is known; holds no rows of a tenant's data",
    "django_admin_log": "Django's own and unused: the record is the ledger",
    "identity_tenant": "read before the tenant is known",
    "identity_user": "read before the tenant is known, by session and by sign-in",
    "identity_scimclient": "read before the tenant is known, by the hash of a token",
    "identity_scimtoken": "read before the tenant is known, by its hash",
    "policy_opatoken": "read before the tenant is known, by its hash",
    "identity_identityprovider": "read before the tenant is known, by the sign-in page and the callbacks",
    "identity_breakglass": "read before the tenant is known, by the hash of its token",
    "identity_samlrequest": "answered before anybody is signed in: it leads to the provider",
    "identity_emaildomain": "read before the tenant is known: it leads to the provider",
    "identity_loginsession": "ended on word of a provider, which knows no tenant of ours",
    "identity_accesstoken": "read before the tenant is known, by the hash of the token",
    "identity_devicegrant": "made before the tenant is known, read by the hashes of its codes",
    "identity_signalstream": "read before the tenant is known, by its push address and by the poller",
    "identity_signalreceipt": "written before the tenant is known; hashes and outcomes only",
    "account_emailaddress": "allauth's own and unused: addresses come by SCIM",
    "account_emailconfirmation": "allauth's own and unused",
    "socialaccount_socialaccount": "allauth's link of account and provider, read before the tenant is known",
    "socialaccount_socialapp": "allauth's own and unused: providers are in settings",
    "socialaccount_socialtoken": "allauth's own and unused: no provider token is kept",
    "guardian_groupobjectpermission": "guardian's own and shut: the application may not insert",
    "guardian_userobjectpermission": "guardian's own and shut: the application may not insert",
    "policy_rulesinforce": "the platform's rules, for every tenant; the application may only add",
    "log_state": "one row about the log as a whole",
    "leaf": "hashes only; the application has no right on it",
}

_OPEN = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'ledger', 'apps') AND c.relkind IN ('r', 'p')
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""


def test_every_table_has_a_wall_or_a_reason(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        found = {name for (name,) in cursor.fetchall()}
    assert found - EXEMPT.keys() == set(), "tables without a tenant wall"
    assert EXEMPT.keys() - found == set(), "exempt, but gone or walled by now"


def test_a_table_without_a_wall_is_found(committed: None) -> None:
    with psycopg.connect(POSTGRES.url("portal_owner"), autocommit=True) as owner:
        owner.execute("CREATE TABLE public.open_house (id int, tenant_id uuid)")
        try:
            found = {row[0] for row in owner.execute(_OPEN).fetchall()}
        finally:
            owner.execute("DROP TABLE public.open_house")
    assert "open_house" in found


def test_a_tenant_sees_its_own_rows_and_without_one_nothing_is_seen(committed_cast: Cast) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        mine = set(Group.objects.values_list("tenant", flat=True))
    assert mine == {committed_cast.tenant.pk}
    assert not Group.objects.exists()


def test_scopes_nest_and_give_back_the_outer_tenant(committed_cast: Cast) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        with tenant_scope(committed_cast.other.pk):
            assert Group.objects.filter(name="Security").count() == 0
        assert Group.objects.filter(name="Security").count() == 1


def test_a_row_for_another_tenant_is_refused(committed_cast: Cast) -> None:
    with tenant_scope(committed_cast.tenant.pk), pytest.raises(Exception, match="row-level security"):
        Group.objects.create(tenant=committed_cast.other, name="Stowaways")


@pytest.mark.parametrize("role", ["portal_owner", "portal_app"])
def test_the_wall_stands_for_the_owner_too(committed_cast: Cast, role: str) -> None:
    with psycopg.connect(POSTGRES.url(role)) as plain:
        assert plain.execute("SELECT count(*) FROM identity_group").fetchone() == (0,)


def test_the_setting_does_not_outlive_its_transaction(committed_cast: Cast) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('app.tenant', true), '')")
        assert cursor.fetchone() == (None,)
