"""The questions of a simulation: what was decided, and what the rooms above would ask today."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.utils.module_loading import import_string

from identity.tenancy import tenant_scope
from policy.models import StoredDecision, StoredInput
from policy.outcome import Outcome
from policy.selectors import outcome_of
from policy.simulation.facts import Question, Source

PAGE = 500


def kept_questions(
    *, tenant: uuid.UUID, since: datetime, revision: str = ""
) -> tuple[int, Iterator[Question]]:
    """The facts of the tenant's decisions since then, each once; and how many these are.

    What was decided by the rules of `revision` is not asked of them again. Of each different facts the digest
    and a count are held (some 300 bytes); the facts themselves come by pages, each in a transaction of its
    own, so that nothing waits for a simulation, however long it takes.
    """
    times: Counter[str] = Counter()
    example: dict[str, uuid.UUID] = {}
    with tenant_scope(tenant):
        rows = StoredDecision.objects.filter(decided_at__gte=since).order_by()
        for pk, digest in rows.values_list("pk", "input_digest").iterator(5_000):
            times[digest] += 1
            example[digest] = pk
    return len(times), _read(tenant, times, example, revision)


def proposed_questions(tenant: uuid.UUID) -> list[Question]:
    """What the rooms above would ask today: going live of live apps, submission of pending versions."""
    found: list[Question] = []
    with tenant_scope(tenant):
        for path in settings.SIMULATION_SOURCES:
            found += import_string(path)()
    return found


def _read(
    tenant: uuid.UUID, times: Counter[str], example: dict[str, uuid.UUID], revision: str
) -> Iterator[Question]:
    digests = iter(times)
    while page := list(islice(digests, PAGE)):
        with tenant_scope(tenant):
            rows = StoredInput.objects.filter(digest__in=page)
            documents = list(rows.values_list("digest", "document"))
            known = _known([example[digest] for digest in page], revision)
        for digest, document in documents:
            yield Question(
                source=Source.DECISION,
                document=json.loads(document),
                times=times[digest],
                example=str(example[digest]),
                known=known.get(digest),
            )


def _known(decisions: list[uuid.UUID], revision: str) -> dict[str, Outcome]:
    """By the digest of the facts, what was decided by these rules; what no engine decided is not known."""
    if not revision:
        return {}
    rows = StoredDecision.objects.filter(pk__in=decisions, revision=revision)
    rows = rows.only("input_digest", "allowed", "reasons", "obligations", "tier")
    return {row.input_digest: found for row in rows if (found := outcome_of(row)) is not None}
