"""One simulation from end to end, as the command line and the task of a page run it."""

import uuid
from datetime import datetime
from itertools import chain

from policy.rulebook import Rulebook
from policy.simulation.compare import Tell, simulate
from policy.simulation.engines import engine
from policy.simulation.facts import Report
from policy.simulation.questions import kept_questions, proposed_questions


def run_simulation(
    *, tenant: uuid.UUID, rules: Rulebook, draft: Rulebook, since: datetime, opa: str, tell: Tell
) -> Report:
    """What `draft` would change for the tenant, compared to `rules`, on engines of their own.

    Raises:
        EngineFault: the draft does not build, or an engine went away.
        Exception: what `tell` raises ends the simulation.
    """
    with engine(rules, opa) as now, engine(draft, opa) as new:
        distinct, kept = kept_questions(tenant=tenant, since=since, revision=rules.revision)
        proposed = proposed_questions(tenant)
        return simulate(
            questions=chain(proposed, kept), total=distinct + len(proposed), now=now, draft=new, tell=tell
        )
