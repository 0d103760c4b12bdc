"""Whether an admin may set a rule aside for some hours: the rules say so (P2, P6, docs/adr/0083)."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from identity.models import User
from policy import pdp
from policy.decision import Decision
from policy.inputs import Action, AppFacts, Approval, Context, Resource, Target
from policy.selectors import Kept
from policy.subjects import subject_of

NOWHERE = Target(region="", jurisdiction="")
SOMEBODY_ELSE = uuid.UUID(int=0)
Given = Iterable[tuple[str, uuid.UUID]]


@dataclass(frozen=True)
class Asked:
    """Whose approval an override takes."""

    steps: Sequence[dict[str, Any]]
    tier: str


def ask(*, by: User, refusal: Kept) -> Asked:
    """Whether `by` may ask for one, and who has to approve it.

    The approvals are still missing, so the sign-in that an access rule asks for is told by a preview in which
    they are given.

    Raises:
        Refused: not even with approvals.
        StepUpNeeded: a stronger or fresher sign-in is asked for.
    """
    wanted = _decide(by, refusal.row.app, (), preview=True)
    if not wanted.needs_approval:
        wanted = _decide(by, refusal.row.app, (), preview=False)
        wanted.raise_if_denied()
    given = [(step.role, SOMEBODY_ELSE) for step in wanted.steps]
    _decide(by, refusal.row.app, given, preview=True).raise_if_denied()
    return Asked([asdict(step) for step in wanted.steps], wanted.tier.value)


def allow(*, by: User, app: uuid.UUID, given: Given) -> None:
    """Decide it with the approvals that were given; kept and recorded as an override.

    Raises:
        Refused: they do not do, or `by` is no admin any more.
    """
    _decide(by, app, given, preview=False, unattended=True).raise_if_denied()


def _decide(
    by: User, app: uuid.UUID | None, given: Given, *, preview: bool, unattended: bool = False
) -> Decision:
    tenant = str(by.tenant_id)
    facts = AppFacts(id=str(app), tenant=tenant, state="", hosting=NOWHERE) if app else None
    approvals = tuple(Approval(role=role, by=str(person)) for role, person in given)
    return pdp.decide(
        subject_of(by),
        Action.ADMIN_OVERRIDE,
        Resource(tenant=tenant, app=facts),
        Context(requester=str(by.pk), approvals=approvals),
        preview=preview,
        unattended=unattended,
    )
