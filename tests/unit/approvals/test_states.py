"""The tables of states, and the page made from them."""

import pytest

from approvals.states import CLOSED, LIVE, REQUEST, STEP, TIMER, RequestState, StepState, TimerState, may_move
from docs import approvals_states
from docs.generate import REFERENCE


@pytest.mark.parametrize(
    ("table", "states"), [(REQUEST, RequestState), (STEP, StepState), (TIMER, TimerState)]
)
def test_every_state_is_in_its_table_and_can_be_reached(table: dict, states: type) -> None:
    assert set(table) == set(states)
    reached = {next(iter(table))} | {after for onward in table.values() for after in onward.values()}
    assert reached == set(states)


def test_what_is_closed_stays_closed() -> None:
    assert {"granted", "rejected", "withdrawn", "expired", "lapsed"} == CLOSED
    assert {"open", "changes"} == LIVE
    assert not any(may_move(before, after) for before in CLOSED for after in RequestState)


def test_the_diagram_in_the_docs_is_of_these_tables() -> None:
    kept = (REFERENCE / "approvals-states.md").read_text(encoding="utf-8")
    assert kept == approvals_states.page(), "run python -m docs.generate"
