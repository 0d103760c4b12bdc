"""The small version of `make bench NAME=identity`: what is asked often is answered by an index."""

import psycopg
import pytest
from django.db import connection

from bench.identity.scim import loaded
from identity.models import Tenant
from identity.scim.adapters import UserAdapter
from identity.scim.columns import USER_COLUMNS
from identity.scim.filters import condition
from identity.tenancy import tenant_scope
from tests.services import POSTGRES


@pytest.fixture
def tenant(committed: None) -> Tenant:
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        server.execute("TRUNCATE identity_user CASCADE")  # without the holes that other tests have left in it
    loaded("other", 3000, 5)
    return loaded("large", 3000, 5)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "USER7@X.example"',
        'externalId eq "ext-7"',
        'emails.value eq "MAIL7@x.example"',
        'emails[type eq "work"].value eq "mail7@x.example"',
        'userName eq "user7@x.example" or emails.value eq "mail7@x.example"',
        'userName eq "user7@x.example" and active eq true',
        'userName eq "user7@x.example" or externalId eq "ext-7"',
    ],
)
def test_a_filter_reads_no_whole_table(tenant: Tenant, text: str) -> None:
    with tenant_scope(tenant.pk):
        found = UserAdapter.rows(tenant.pk).filter(condition(text, USER_COLUMNS))
        assert [user.username for user in found] == ["user7@x.example"]
        plan = found.explain()
    assert "Index" in plan
    assert "Seq Scan" not in plan
    assert "user_of_tenant" not in plan, "the index of the pages, which holds all of the tenant"


def test_pages_and_counts_read_an_index(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        rows = UserAdapter.rows(tenant.pk)
        assert "Seq Scan" not in rows.order_by("pk")[1000:1050].explain()
        sql, values = rows.order_by().values("pk").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN SELECT count(*) FROM ({sql}) found", values)
            assert "Seq Scan" not in "\n".join(row[0] for row in cursor.fetchall())
