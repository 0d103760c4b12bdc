"""The tables of approvals and notices keep tenants apart, and give the sweeper what it needs, no more."""

import psycopg
import pytest
from django.db import DatabaseError

from approvals.models import Ask, Evidence, Request, Step, Timer
from identity.tenancy import tenant_scope
from notices.models import Outbox
from tests.cast import Cast
from tests.memos import Memo
from tests.services import POSTGRES

TABLES = [Request, Evidence, Step, Ask, Timer, Outbox]


@pytest.mark.parametrize("model", TABLES)
def test_a_tenant_sees_its_own_rows_alone(cast: Cast, memo: Memo, model: type[Request]) -> None:
    with tenant_scope(cast.tenant.pk):
        memo.open(cast.lena)
        assert model.objects.exists()
        with tenant_scope(cast.other.pk):
            assert not model.objects.exists()
    assert not model.objects.exists()  # without a tenant nothing is seen


def test_a_row_for_another_tenant_is_refused(cast: Cast, memo: Memo) -> None:
    with tenant_scope(cast.tenant.pk):
        request = memo.open(cast.lena)
    with pytest.raises(DatabaseError, match="row-level security"), tenant_scope(cast.other.pk):
        Evidence.objects.create(
            tenant=cast.tenant,
            request=request,
            number=2,
            digest=memo.digest,
            document={},
            sha256=memo.digest,
            collected_at=request.opened_at,
        )


def test_the_sweeper_crosses_tenants_on_what_it_sweeps_and_nowhere_else(
    committed_cast: Cast, memo: Memo
) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        memo.open(committed_cast.lena)
    with psycopg.connect(POSTGRES.url("portal_sweeper"), autocommit=True) as sweeper:
        for table in ("request", "step", "timer", "ask"):
            assert sweeper.execute(f"SELECT count(*) > 0 FROM approvals_{table}").fetchone() == (True,)
        for table in ("approvals_evidence", "approvals_vote", "notices_notice", "identity_membership"):
            assert sweeper.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        for statement in (
            "DELETE FROM approvals_timer",
            "UPDATE approvals_ask SET level = 9",
            "UPDATE approvals_vote SET verdict = 'approve'",
            "DELETE FROM notices_outbox",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                sweeper.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE approvals_request SET state = 'granted'",
        "UPDATE approvals_request SET state = 'done', closed_at = now()",
        "UPDATE approvals_step SET state = 'granted'",
        "UPDATE approvals_step SET paused_at = now(), state = 'closed', closed_at = now()",
        "UPDATE approvals_timer SET state = 'done'",
        "UPDATE approvals_timer SET done_at = now()",
        "UPDATE approvals_timer SET state = 'pending'",
        "UPDATE approvals_ask SET role = 'security' WHERE person_id IS NOT NULL",
    ],
)
def test_the_database_refuses_what_the_states_do_not_know(
    committed_cast: Cast, memo: Memo, change: str
) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        memo.open(committed_cast.lena)
    with (
        psycopg.connect(POSTGRES.url()) as server,
        pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.UniqueViolation)),
    ):
        server.execute(change)
