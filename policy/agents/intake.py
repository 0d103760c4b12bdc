"""Decision logs as OPA sends them (https://www.openpolicyagent.org/docs/management-decision-logs).

Each entry becomes a decision like the portal's own: of the input only facts are kept, of the result only what
has the shape of an outcome. Who called the agent, from where and with what else is passed over.
"""

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from identity.errors import BadInput, TooLarge
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from policy import store
from policy.agents.facts import facts_only
from policy.agents.reports import BUNDLE, REVISION
from policy.decision import UNAVAILABLE, Decision, Reason
from policy.engines.base import EngineFault, Fault
from policy.inputs import ENTRY_POINT, Action, Document
from policy.models import OpaAgent, StoredDecision
from policy.outcome import Finding, Outcome, parse
from policy.pdp import unavailable

MOST_ENTRIES = 2000  # the 32 KiB that OPA sends at once by default hold some 500
MOST_FINDINGS = 200
_CODE = re.compile(r"[a-z][a-z0-9_.]{0,63}\Z")
_MOST_MS = 1e9


@dataclass(frozen=True)
class Entry:
    """One decision by the portal's rules, as an agent tells of it; before it had any, `revision` is empty."""

    decision_id: uuid.UUID
    decided_at: datetime
    revision: str
    document: Document
    outcome: Outcome
    duration_ms: float


def take_logs(*, agent: OpaAgent, document: Any) -> int:
    """Keep the decisions in `document`; returns how many of them were new.

    All or nothing, in one transaction; sent again, they are known by their ids. An agent may serve other
    bundles too: entries of other rules are passed over.

    Raises:
        BadInput: an entry is malformed; the text says which.
        TooLarge: more than MOST_ENTRIES.
    """
    entries = _entries(document)
    with tenant_scope(agent.tenant_id):
        # the agent's uploads take turns, so that a repeated one sees what the first has kept
        OpaAgent.objects.select_for_update().get(pk=agent.pk)
        known = set(
            StoredDecision.objects.filter(
                engine=agent.engine, reported_id__in=[entry.decision_id for entry in entries]
            ).values_list("reported_id", flat=True)
        )
        fresh = {entry.decision_id: entry for entry in entries if entry.decision_id not in known}
        people = _people(agent.tenant_id, list(fresh.values()))
        store.keep_reported([_reported(agent, entry, people) for entry in fresh.values()])
    return len(fresh)


def _entries(document: Any) -> list[Entry]:
    if not isinstance(document, list):
        raise BadInput(_("A decision log is an array."), code="not_a_log")
    if len(document) > MOST_ENTRIES:
        raise TooLarge(_("At most %(most)d entries at once.") % {"most": MOST_ENTRIES}, code="too_many")
    found = []
    for number, raw in enumerate(document):
        try:
            if raw.get("path") == ENTRY_POINT:
                found.append(_entry(raw))
        except (KeyError, TypeError, ValueError, AttributeError):
            text = _("Entry %(number)d is no entry of a decision log.")
            raise BadInput(text % {"number": number}, code="bad_entry") from None
    return found


def _entry(raw: dict[str, Any]) -> Entry:
    """Raises KeyError, TypeError, ValueError or AttributeError for what is none."""
    revision = raw.get("bundles", {}).get(BUNDLE, {}).get("revision", "")
    decided_at = parse_datetime(raw["timestamp"])
    if (revision and not REVISION.match(revision)) or decided_at is None or decided_at.tzinfo is None:
        raise ValueError
    took = raw.get("metrics", {}).get("timer_server_handler_ns", 0)
    return Entry(
        decision_id=uuid.UUID(raw["decision_id"]),
        decided_at=min(decided_at, timezone.now()),
        revision=revision,
        document=facts_only(raw.get("input")),
        outcome=_outcome(raw),
        duration_ms=round(min(max(float(took) / 1e6, 0.0), _MOST_MS), 3),
    )


def _outcome(raw: dict[str, Any]) -> Outcome:
    """What the rules said; an error, or nothing at all, is a denial there as it is here (ADR 0020)."""
    try:
        outcome = parse(raw.get("result"))
    except EngineFault:
        return unavailable(Fault.NONSENSE)
    if len(outcome.findings) > MOST_FINDINGS or not all(map(_speaks, outcome.findings)):
        raise ValueError
    return outcome


def _speaks(finding: Finding) -> bool:
    """Whether it is a finding as rules make them: words of a library, and particulars one level deep."""
    words = bool(_CODE.match(finding.code) and _CODE.match(finding.case)) and finding.code != UNAVAILABLE
    return words and all(_flat(value) for value in finding.params.values())


def _flat(value: object) -> bool:
    return all(isinstance(one, str | int) for one in (value if isinstance(value, list) else [value]))


def _people(tenant: uuid.UUID, entries: Sequence[Entry]) -> set[uuid.UUID]:
    """Of the subjects those who are people of the tenant: no other id is taken for a person's."""
    named = {found for entry in entries if (found := store.as_uuid(_subject(entry.document)))}
    return set(User.objects.filter(tenant=tenant, pk__in=named).values_list("pk", flat=True))


def _subject(document: Document) -> str:
    return str(document.get("subject", {}).get("id", ""))


def _reported(agent: OpaAgent, entry: Entry, people: set[uuid.UUID]) -> store.Reported:
    document, outcome = entry.document, entry.outcome
    person = store.as_uuid(_subject(document))
    text = store.canonical(document).encode(errors="surrogatepass")
    action = document.get("action", "")
    decision = Decision(
        id=uuid7(),
        tenant=agent.tenant_id,
        subject=str(person) if person in people else "",
        action=action if action in set(Action) else "unknown",
        app=_app(document).get("id", ""),
        allowed=outcome.allow,
        reasons=tuple(Reason(one.code, one.case, one.kind, one.params) for one in outcome.findings),
        obligations=outcome.obligations,
        tier=outcome.tier,
        steps=outcome.steps,
        because=outcome.because,
        revision=entry.revision,
        engine=agent.engine,
        duration_ms=entry.duration_ms,
        entry_point=ENTRY_POINT,
        input_digest=hashlib.sha256(text).hexdigest(),
        tags=_tags(document),
        document=document,
    )
    return store.Reported(decision, entry.decision_id, entry.decided_at, f"opaagent:{agent.pk}")


def _app(document: Document) -> Document:
    app: Document = document.get("resource", {}).get("app", {})
    return app


def _tags(document: Document) -> tuple[str, ...]:
    """The classifications of the fields that were touched, for the ledger's index."""
    resource = document.get("resource", {})
    chosen, dataset = resource.get("fields"), resource.get("dataset")
    classes = {
        field.get("classification", "")
        for one in _app(document).get("datasets", [])
        if dataset is None or one.get("key") == dataset
        for field in one.get("fields", [])
        if chosen is None or field.get("id") in chosen
    }
    return tuple(sorted(classes - {""}))
