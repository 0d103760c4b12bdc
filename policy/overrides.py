"""Whether an admin may set a rule aside for some hours: the rules say so (P2, P6, docs/adr/0083)."""

import uuid

from identity.models import User
from policy import second_person
from policy.inputs import Action, AppFacts, Resource, Target
from policy.second_person import Asked, Given, Question
from policy.selectors import Kept

NOWHERE = Target(region="", jurisdiction="")


def ask(*, by: User, refusal: Kept) -> Asked:
    """Whether `by` may ask for one, and who has to approve it.

    Raises:
        Refused: not even with approvals.
        StepUpNeeded: a stronger or fresher sign-in is asked for.
    """
    return second_person.ask(_question(by, refusal.row.app))


def allow(*, by: User, app: uuid.UUID, given: Given) -> None:
    """Decide it with the approvals that were given; kept and recorded as an override.

    Raises:
        Refused: they do not do, or `by` is no admin any more.
    """
    second_person.allow(_question(by, app), given)


def _question(by: User, app: uuid.UUID | None) -> Question:
    tenant = str(by.tenant_id)
    facts = AppFacts(id=str(app), tenant=tenant, state="", hosting=NOWHERE) if app else None
    return Question(by, Action.ADMIN_OVERRIDE, Resource(tenant=tenant, app=facts))
