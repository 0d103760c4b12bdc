"""The certificate of an erasure: what went where, what stayed and why, who approved it (D6). Signed by the
tenant's key and verified without the portal (vault/certificates.py); it does not say whose data it was.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from approvals.models import Request
from approvals.states import Verdict
from datacatalog.models import Disposal, SubjectFinding, SubjectRequest
from vault.certificates import ERASURE
from vault.signer import Signer


def certify(row: SubjectRequest) -> str:
    """A JWS over everything that was erased for this request so far.

    Raises:
        KeysUnavailable: the tenant has no signing key, or the KMS does not give it.
    """
    return Signer().sign(row.tenant_id, _claims(row))


def _claims(row: SubjectRequest) -> dict[str, Any]:
    return {
        "kind": ERASURE,
        "tenant": str(row.tenant_id),
        "request": str(row.pk),
        "reference": row.reference,
        "asked_by": str(row.asked_by_id),
        "asked_at": row.asked_at.isoformat(),
        "approved": _approved(row.request),
        "decision": str(row.decision),
        "whole_records": row.whole_records,
        "searched": row.searched,
        "erased": [_erased(run) for run in row.disposals.order_by("started_at", "id")],
        "left": [_left(one) for one in row.findings.filter(held=True)],
        "iat": int(timezone.now().timestamp()),
    }


def _approved(request_id: uuid.UUID | None) -> list[dict[str, str]]:
    request = Request.objects.filter(pk=request_id).first() if request_id else None
    if request is None:
        return []
    votes: Iterable[Any] = request.votes.filter(verdict=Verdict.APPROVE, dropped_at=None).order_by("at")
    return [{"by": str(vote.voter_id), "vote": str(vote.pk), "at": vote.at.isoformat()} for vote in votes]


def _erased(run: Disposal) -> Mapping[str, Any]:
    return {
        "dataset": str(run.dataset),
        "title": run.dataset_title,
        "app": str(run.app),
        "fields": run.fields,
        "records": run.records,
        "batches": run.proofs,
        "until": run.touched_at.isoformat(),
    }


def _left(found: SubjectFinding) -> Mapping[str, Any]:
    return {
        "dataset": str(found.dataset),
        "title": found.dataset_title,
        "records": found.records - found.erased,
        "holds": found.holds,
    }
