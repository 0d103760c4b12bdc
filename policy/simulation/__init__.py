"""What other rules would have said (P7): a draft asked about kept decisions, live apps, pending requests.

The draft sees the facts that were decided on, as they were stored. Facts that are equal are asked once. The
rules in force answer beside it where what was decided was decided by rules of before. Where an OPA is at hand
it answers for both (docs/adr/0079-simulation.md). Asking keeps and counts nothing, and tells nobody.
"""

from policy.simulation.compare import simulate
from policy.simulation.engines import engine
from policy.simulation.facts import Change, Effect, Question, Report, Source
from policy.simulation.questions import kept_questions, proposed_questions
from policy.simulation.run import run_simulation
from policy.simulation.told import Told, named, rows_of

__all__ = [
    "Change",
    "Effect",
    "Question",
    "Report",
    "Source",
    "Told",
    "engine",
    "kept_questions",
    "named",
    "proposed_questions",
    "rows_of",
    "run_simulation",
    "simulate",
]
