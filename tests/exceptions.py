"""A refusal that an exception could set aside: personal data of the EU on its way to the US."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from approvals import services as approvals
from approvals.models import Request
from approvals.states import Verdict
from catalog.models import App
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from policy import services
from policy.errors import Refused
from policy.models import PolicyException
from policy.pdp import denials_survive
from policy.selectors import Kept, kept_decision
from policy.services import Wish
from runtime import services as runtime
from runtime.live import live_app
from runtime.models import Export
from tests.at_edge import at_edge

RULE = "residency.cross_region_export"


def export(app: App, by: User, target: str = "us") -> Export:
    """`by` asks for a copy that leaves the region."""
    with at_edge(by), tenant_scope(app.tenant_id):
        live = live_app(app.slug)
        return runtime.request_export(
            by=by,
            live=live,
            dataset=live.dataset("leads"),
            key=uuid7(),
            purpose="Hand over to the call centre",
            target=target,
            raw=False,
            queue=lambda _export, _tenant: None,
        )


def refused(app: App, by: User, target: str = "us") -> Kept:
    """The decision that refuses it."""
    try:
        with denials_survive():
            export(app, by, target)
    except Refused as refusal:
        with tenant_scope(app.tenant_id):
            kept = kept_decision(refusal.decision.id)
        assert kept is not None
        return kept
    raise AssertionError("it was allowed")


def wish(app: App, **changes: Any) -> Wish:
    """A month for this dataset and region."""
    usual: dict[str, Any] = {
        "rule": RULE,
        "app_title": app.title,
        "dataset": "leads",
        "region": "us",
        "reason": "The call centre of the fair sits in Boston",
        "control": "Standard contractual clauses are signed, no health notes",
        "until": timezone.now() + timedelta(days=30),
    }
    return Wish(**{**usual, **changes})


def asked(app: App, by: User, *, key: uuid.UUID | None = None, **changes: Any) -> PolicyException:
    """`by` was refused and asks for an exception."""
    refusal = refused(app, by)
    with tenant_scope(app.tenant_id):
        return services.ask_exception(by=by, key=key or uuid7(), refusal=refusal, wish=wish(app, **changes))


def overridden(app: App, by: User, refusal: Kept, **changes: Any) -> PolicyException:
    """The admin `by` asks to override what was refused, for four hours."""
    changes = {"until": timezone.now() + timedelta(hours=4), **changes}
    with at_edge(by), tenant_scope(app.tenant_id):
        return services.ask_override(by=by, key=uuid7(), refusal=refusal, wish=wish(app, **changes))


def decide(row: PolicyException, *voters: User, verdict: Verdict = Verdict.APPROVE) -> PolicyException:
    """Each of `voters` votes in turn."""
    vote(row.request, *voters, verdict=verdict)
    with tenant_scope(row.tenant_id):
        row.refresh_from_db()
    return row


def vote(request_id: uuid.UUID | None, *voters: User, verdict: Verdict = Verdict.APPROVE) -> None:
    """Each of `voters` says `verdict` to what the request shows now."""
    for voter in voters:
        with at_edge(voter), tenant_scope(voter.tenant_id):
            request = Request.objects.get(pk=request_id)
            approvals.vote(
                by=voter,
                request_id=request.pk,
                verdict=verdict,
                digest=request.digest,
                key=uuid7(),
                comment="Looked at it",
            )
