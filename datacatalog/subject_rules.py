"""Whether somebody may search for a person's data, take it, or erase it: the rules say so (P2, D6)."""

import dataclasses

from datacatalog.states import SubjectKind
from identity.models import User
from policy import pdp, second_person
from policy.decision import Decision, Reason
from policy.inputs import Action, Resource
from policy.outcome import Kind
from policy.second_person import Asked, Given, Question

ACTIONS = {SubjectKind.ACCESS: Action.SUBJECT_ACCESS, SubjectKind.ERASURE: Action.SUBJECT_ERASE}
HONOURED = frozenset({"record_read", "step_up"})  # each taking is an event; the sign-in is asked for before


def ask(*, by: User, kind: str) -> Asked:
    """Whether `by` may, after which sign-in, and who has to approve it.

    Raises:
        Refused: not even with approvals, or the rules demand what nobody here can carry out.
        StepUpNeeded: a stronger or fresher sign-in is asked for.
    """
    asked = second_person.ask(_question(by, kind))
    _check_demands(asked.decision)
    return asked


def allow(*, by: User, kind: str, given: Given) -> Decision:
    """The decision on the approvals that were given; kept and recorded.

    Raises:
        Refused: they do not do, or `by` has lost the role.
    """
    decision = second_person.allow(_question(by, kind), given)
    _check_demands(decision)
    return decision


def _question(by: User, kind: str) -> Question:
    return Question(by, ACTIONS[SubjectKind(kind)], Resource(tenant=str(by.tenant_id)))


def _check_demands(decision: Decision) -> None:
    demands = {part.name for part in dataclasses.fields(decision.obligations)}
    unmet = {name for name in demands if getattr(decision.obligations, name)} - HONOURED
    if unmet:
        params = {"obligations": sorted(unmet)}
        pdp.refuse(decision, Reason("runtime.unknown_obligation", "denied", Kind.DENY, params))
