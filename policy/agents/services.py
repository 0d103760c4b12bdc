"""Every write about agents: each records itself, but for when an agent was last heard of."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict
from identity.models.hashed_token import USE_NOTED_EVERY
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import Actor, record
from policy import revisions
from policy.agents.reports import Report
from policy.models import OpaAgent, OpaToken
from policy.signing import signer

MAX_OVERLAP = timedelta(days=30)
MARK = "opa_"


@transaction.atomic
def add_agent(*, by: Actor, name: str, expires_at: datetime | None = None) -> tuple[OpaAgent, str]:
    """A new agent of the tenant of `by` with its first token, which is returned this once.

    Makes the tenant's signing key where there is none yet.

    Raises:
        BadInput: the name is none, or an end that has passed.
        Conflict: an agent of this name is there, or was: decisions are told apart by it.
    """
    agent = OpaAgent(tenant_id=by.tenant_id, name=name)
    try:
        agent.clean_fields()
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), code="name") from error
    if OpaAgent.objects.filter(name=name).exists():
        raise Conflict(_("There is, or was, an agent of this name."), code="name")
    signer().prepare(by=by, tenant=by.tenant_id)
    agent.save(force_insert=True)
    record(Event.OPA_AGENT_ADDED, by=by, obj=_about(agent), facts={"name": name})
    return agent, _issue(by, agent, expires_at)


@transaction.atomic
def rotate_agent_token(
    *, by: Actor, agent: OpaAgent, overlap: timedelta, expires_at: datetime | None = None
) -> str:
    """A new token; those at hand stay valid for `overlap`, so that the agent is refused nothing meanwhile.

    Raises:
        BadInput: the agent is revoked, the overlap negative or over MAX_OVERLAP, or the end has passed.
    """
    agent = OpaAgent.objects.select_for_update().get(pk=agent.pk)
    if agent.revoked_at is not None:
        raise BadInput(_("This agent is revoked; add a new one."), code="revoked")
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise BadInput(_("The old token may stay valid for at most 30 days."), code="overlap")
    ends = timezone.now() + overlap
    old = OpaToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=ends), agent=agent, revoked_at=None)
    for token in old:
        seconds = int(overlap.total_seconds())
        _record_token(Event.OPA_TOKEN_EXPIRES, by, agent, token.pk, seconds=seconds)
    old.update(expires_at=ends)
    return _issue(by, agent, expires_at)


@transaction.atomic
def revoke_agent_token(*, by: Actor, token: OpaToken) -> None:
    """The token is refused from its next request on."""
    if OpaToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        _record_token(Event.OPA_TOKEN_REVOKED, by, token.agent, token.pk)


@transaction.atomic
def revoke_agent(*, by: Actor, agent: OpaAgent) -> None:
    """Every token of the agent is refused from its next request on, for good. Its decisions stay."""
    now = timezone.now()
    if OpaAgent.objects.filter(pk=agent.pk, revoked_at=None).update(revoked_at=now):
        OpaToken.objects.filter(agent=agent, revoked_at=None).update(revoked_at=now)
        record(Event.OPA_AGENT_REVOKED, by=by, obj=_about(agent), facts={"name": agent.name})


def note_seen(agent: OpaAgent) -> None:
    """The agent was there just now. No event: how an agent does is a state, not a happening."""
    with tenant_scope(agent.tenant_id):
        OpaAgent.objects.filter(pk=agent.pk).update(seen_at=timezone.now())


def note_current(agent: OpaAgent) -> None:
    """The agent has just shown that it runs the rules in force; written once a minute."""
    revision, now = revisions.in_force().revision, timezone.now()
    fresh = agent.current_at is not None and agent.current_at > now - USE_NOTED_EVERY
    if agent.revision == revision and fresh:
        return
    with tenant_scope(agent.tenant_id):
        OpaAgent.objects.filter(pk=agent.pk).update(revision=revision, seen_at=now, current_at=now)


def note_report(agent: OpaAgent, report: Report) -> None:
    """What the agent said of itself."""
    now = timezone.now()
    values: dict[str, object] = {
        "seen_at": now,
        "reported_at": now,
        "fault": report.fault,
        "version": report.version,
    }
    if report.revision is not None:
        values["revision"] = report.revision
        if report.revision == revisions.in_force().revision:
            values["current_at"] = now
    with tenant_scope(agent.tenant_id):
        OpaAgent.objects.filter(pk=agent.pk).update(**values)


def _issue(by: Actor, agent: OpaAgent, expires_at: datetime | None) -> str:
    if expires_at is not None and expires_at <= timezone.now():
        raise BadInput(_("The end of a token must lie ahead."), code="expires_at")
    token = f"{MARK}{secrets.token_urlsafe(32)}"
    row = OpaToken.objects.create(
        tenant_id=agent.tenant_id, agent=agent, hash=OpaToken.hash_of(token), expires_at=expires_at
    )
    _record_token(Event.OPA_TOKEN_ISSUED, by, agent, row.pk)
    return token


def _record_token(event: Event, by: Actor, agent: OpaAgent, pk: uuid.UUID, **facts: int) -> None:
    record(event, by=by, obj=_about(agent), facts={"token": str(pk), **facts})


def _about(agent: OpaAgent) -> str:
    return f"opaagent:{agent.pk}"
