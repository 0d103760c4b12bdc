"""How the tenant's agents do: which rules each runs, and how far it is behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from policy import revisions
from policy.models import OpaAgent

SILENT_AFTER = timedelta(minutes=5)  # it asks and reports far more often
PAGE_SIZE = 50


@dataclass(frozen=True)
class Standing:
    """An agent with one word on it; `behind_since` is when it last ran the rules in force of then."""

    agent: OpaAgent
    label: str
    tone: str

    @property
    def is_current(self) -> bool:
        """Whether it is known to run the rules in force."""
        return self.agent.revision == revisions.in_force().revision

    @property
    def behind_since(self) -> datetime | None:
        """None for one that is up to date or never was."""
        return None if self.is_current else self.agent.current_at


def agents() -> "QuerySet[OpaAgent]":
    """All of the tenant, revoked ones last."""
    return OpaAgent.objects.order_by(F("revoked_at").asc(nulls_first=True), "name")


def standing(agent: OpaAgent) -> Standing:
    """The agent's state in words, the worst first."""
    if agent.revoked_at is not None:
        return Standing(agent, _("Revoked"), "plain")
    if agent.seen_at is None:
        return Standing(agent, _("Never seen"), "plain")
    if agent.fault:
        return Standing(agent, _("Refuses its bundle"), "stop")
    if agent.seen_at < timezone.now() - SILENT_AFTER:
        return Standing(agent, _("Silent"), "warn")
    if agent.revision != revisions.in_force().revision:
        return Standing(agent, _("Behind"), "warn")
    return Standing(agent, _("Up to date"), "ok")
