"""Decisions of before, as policy/store.py keeps them, without deciding."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from identity.tenancy import tenant_scope
from policy import store
from policy.engines.base import Engine, EngineFault, Fault
from policy.inputs import ENTRY_POINT, Document
from policy.models import StoredDecision, StoredInput
from policy.outcome import Outcome, parse
from policy.rulebook import shipped
from policy.simulation import engine


def decided_before(
    tenant: uuid.UUID, documents: Sequence[Document], said: Sequence[Outcome | None] | None = None
) -> None:
    """One kept decision for each of `documents`: by the rules in force where it is told what they `said`,
    else by rules of before."""
    answers = said or [None] * len(documents)
    digests = [hashlib.sha256(_text(one).encode()).hexdigest() for one in documents]
    with tenant_scope(tenant):
        StoredInput.objects.bulk_create(
            [
                StoredInput(tenant_id=tenant, digest=digest, document=_text(one))
                for digest, one in zip(digests, documents, strict=True)
            ],
            ignore_conflicts=True,
            batch_size=2_000,
        )
        rows = StoredDecision.objects.bulk_create(
            [_row(tenant, digest, outcome) for digest, outcome in zip(digests, answers, strict=True)],
            batch_size=2_000,
        )
        assert len(rows) == len(documents)


def _row(tenant: uuid.UUID, digest: str, outcome: Outcome | None) -> StoredDecision:
    if outcome is not None and "\\u0000" in json.dumps(asdict(outcome)):
        outcome = None  # jsonb takes no NUL, and ids of fields hold none in life
    return StoredDecision(
        tenant_id=tenant,
        action="record.list",
        allowed=outcome is not None and outcome.allow,
        reasons=[asdict(finding) for finding in outcome.findings] if outcome else [],
        obligations=asdict(outcome.obligations) if outcome else {},
        tier=outcome.tier if outcome else "none",
        because=[],
        engine="embedded",
        revision=shipped().revision if outcome else "of before",
        entry_point=ENTRY_POINT,
        input_digest=digest,
        duration_ms=1.0,
        event=uuid.uuid4(),
    )


def outcomes(documents: Sequence[Document], opa: str = "") -> list[Outcome | None]:
    """What the rules in force say; None where they have no answer. `opa` is a binary's path."""
    with engine(shipped(), opa) as asked, ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda one: _outcome(asked, one), documents, chunksize=25))


def _outcome(asked: Engine, document: Document) -> Outcome | None:
    try:
        return parse(asked.evaluate(document))
    except EngineFault as fault:
        if fault.fault is Fault.AWAY:
            raise
        return None


def _text(document: Document) -> str:
    return store.canonical(document).encode(errors="backslashreplace").decode()
