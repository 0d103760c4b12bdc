"""Requests of data subjects in tests: apps of several shapes, a search, an approval, a run."""

import uuid
from collections.abc import Sequence
from typing import Any

from approvals import services as approvals
from approvals.models import Request
from approvals.states import Verdict
from catalog.models import App
from datacatalog import services
from datacatalog.identifiers import Identifier, IdentifierKind
from datacatalog.models import Dataset, SubjectFinding, SubjectRequest
from datacatalog.states import SubjectKind
from identity.models import User
from identity.tenancy import tenant_scope
from tests.at_edge import at_edge

MAIL = Identifier(IdentifierKind.EMAIL, "Canary.Mail@example.org")
PHONE = Identifier(IdentifierKind.PHONE, "0049 30 12345678")
PERSON = Identifier(IdentifierKind.NAME, "  canary   PERSON ")


def search(
    by: User,
    kind: SubjectKind = SubjectKind.ERASURE,
    identifiers: Sequence[Identifier] = (MAIL,),
    **more: Any,
) -> SubjectRequest:
    """`by` looks for the person of the canaries."""
    with at_edge(by), tenant_scope(by.tenant_id):
        given = {"reference": "DSR-2026/7", **more}
        return services.search_subject(by=by, kind=kind, identifiers=identifiers, **given)


def found(row: SubjectRequest) -> dict[str, int]:
    """Records by the title of the dataset."""
    with tenant_scope(row.tenant_id):
        return dict(row.findings.values_list("dataset_title", "records"))


def findings(row: SubjectRequest) -> list[SubjectFinding]:
    with tenant_scope(row.tenant_id):
        return list(row.findings.all())


def asked(row: SubjectRequest, by: User, *, whole_records: bool = True) -> SubjectRequest:
    """Somebody is asked to approve the erasure."""
    with at_edge(by), tenant_scope(row.tenant_id):
        return services.ask_erasure(by=by, request_id=row.pk, whole_records=whole_records)


def approved(row: SubjectRequest, voter: User, verdict: Verdict = Verdict.APPROVE) -> SubjectRequest:
    """`voter` answers."""
    with at_edge(voter), tenant_scope(row.tenant_id):
        request = Request.objects.get(pk=row.request)
        approvals.vote(
            by=voter,
            request_id=request.pk,
            verdict=verdict,
            digest=request.digest,
            key=uuid.uuid4(),
            comment="Looked at it",
        )
    return fresh(row)


def erased(row: SubjectRequest) -> SubjectRequest:
    """The worker's part."""
    services.erase(tenant=row.tenant_id, request_id=row.pk)
    return fresh(row)


def fresh(row: SubjectRequest) -> SubjectRequest:
    with tenant_scope(row.tenant_id):
        return SubjectRequest.objects.select_related("asked_by").get(pk=row.pk)


def titled(app: App, title: str) -> App:
    """The app's dataset gets a title of its own in the catalog."""
    with tenant_scope(app.tenant_id):
        Dataset.objects.filter(app=app.pk).update(title=title)
    return app
