"""What a person may do only with somebody else's yes, and only after a fresh sign-in of his own: both are
what the rules say. An override is asked and decided so, and the erasure of a person's data."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from identity.models import User
from policy import pdp
from policy.decision import Decision
from policy.inputs import Action, Approval, Context, Resource
from policy.subjects import subject_of

SOMEBODY_ELSE = uuid.UUID(int=0)
Given = Iterable[tuple[str, uuid.UUID]]  # role and person


@dataclass(frozen=True)
class Question:
    """Whether `by` may do `action` on `resource`."""

    by: User
    action: Action
    resource: Resource


@dataclass(frozen=True)
class Asked:
    """Whose approval it takes; none where `steps` is empty."""

    steps: Sequence[dict[str, Any]]
    decision: Decision

    @property
    def tier(self) -> str:
        """The steps' name."""
        return self.decision.tier.value


def ask(question: Question) -> Asked:
    """Whether he may ask for it, and who has to approve it.

    The approvals are still missing, so the sign-in that an access rule asks for is told by a preview in which
    they are given.

    Raises:
        Refused: not even with approvals.
        StepUpNeeded: a stronger or fresher sign-in is asked for.
    """
    wanted = _decide(question, (), preview=True)
    if not wanted.needs_approval:
        wanted = _decide(question, (), preview=False)
        wanted.raise_if_denied()
    given = [(step.role, SOMEBODY_ELSE) for step in wanted.steps]
    _decide(question, given, preview=True).raise_if_denied()
    return Asked([asdict(step) for step in wanted.steps], wanted)


def allow(question: Question, given: Given) -> Decision:
    """Decide it with the approvals that were given; kept and recorded.

    Raises:
        Refused: they do not do, or he has lost the role.
    """
    decision = _decide(question, given, preview=False, unattended=True)
    decision.raise_if_denied()
    return decision


def _decide(question: Question, given: Given, *, preview: bool, unattended: bool = False) -> Decision:
    approvals = tuple(Approval(role=role, by=str(person)) for role, person in given)
    return pdp.decide(
        subject_of(question.by),
        question.action,
        question.resource,
        Context(requester=str(question.by.pk), approvals=approvals),
        preview=preview,
        unattended=unattended,
    )
