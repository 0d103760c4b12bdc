"""Changes of policy data as tests ask for and decide them."""

from typing import Any

from approvals import services as approvals
from approvals.models import Evidence, Request
from approvals.states import Verdict
from datacatalog.services.scheme import seed_scheme
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from policy import services
from policy.datakinds import Values, data_kind, digest_of
from policy.models import DataChange
from tests.at_edge import at_edge

WHY = "The works council asked for it"


def values_of(by: User, kind: str, obj: str = "") -> dict[str, Any]:
    """What is there now; for a scheme that nobody set up yet, what every tenant starts with."""
    with tenant_scope(by.tenant_id):
        seed_scheme(by=None, tenant=by.tenant_id)
        return dict(data_kind(kind).current(obj) or {})


def propose(by: User, kind: str, obj: str = "", *, reason: str = WHY, **changes: Any) -> DataChange:
    """`by` asks that the object be as it is, with these `changes`."""
    return ask(by, kind, obj, {**values_of(by, kind, obj), **changes}, reason=reason)


def ask(by: User, kind: str, obj: str, after: Values | None, *, reason: str = WHY) -> DataChange:
    """`by` looked just now and asks that `after` be there."""
    with tenant_scope(by.tenant_id):
        seen = digest_of(data_kind(kind).current(obj))
        return services.propose_change(by=by, kind=kind, obj=obj, after=after, reason=reason, seen=seen)


def decide(row: DataChange, voter: User, verdict: Verdict = Verdict.APPROVE) -> DataChange:
    """`voter` votes; the row as it is afterwards."""
    with at_edge(voter), tenant_scope(row.tenant_id):
        assert row.request is not None
        request = Request.objects.get(pk=row.request)
        approvals.vote(
            by=voter,
            request_id=request.pk,
            verdict=verdict,
            digest=request.digest,
            key=uuid7(),
            comment="Looked at it",
        )
    return fresh(row)


def fresh(row: DataChange) -> DataChange:
    """The row as it is now."""
    with tenant_scope(row.tenant_id):
        row.refresh_from_db()
    return row


def change(by: User, voter: User, kind: str, obj: str = "", **changes: Any) -> DataChange:
    """Asked for and approved."""
    return decide(propose(by, kind, obj, **changes), voter)


def evidence_of(row: DataChange) -> dict[str, Any]:
    """What reviewers are shown."""
    with tenant_scope(row.tenant_id):
        document: dict[str, Any] = Evidence.objects.get(request=row.request).document
    return document


def section(row: DataChange, title: str) -> dict[str, Any]:
    """One part of it."""
    found = [one for one in evidence_of(row)["sections"] if one["title"] == title]
    assert found, f"{title} is not among the evidence"
    return dict(found[0])
