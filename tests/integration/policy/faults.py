"""What the tests of broken engines share."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from policy.engines.base import Engine, EngineFault, Fault
from policy.inputs import to_document
from tests.policy_facts import COMPANY, NOWHERE, app, of, subject

SECONDS = 1.0
SLACK = 1.5  # two busy cores: how much later than its time-out an answer may come
PLAIN = to_document(subject(), "record.list", of(app(COMPANY), dataset="leads"), NOWHERE)


def fault_of(ask: Callable[[], Any]) -> tuple[Fault, float]:
    """The fault, and the seconds until it was known."""
    started = time.monotonic()
    with pytest.raises(EngineFault) as fault:
        ask()
    return fault.value.fault, time.monotonic() - started


def recovers(engine: Engine, within: float = 10.0) -> None:
    """Answers rightly again before `within` seconds are over."""
    until = time.monotonic() + within
    while True:
        try:
            assert engine.evaluate(PLAIN)["allow"] is True
        except EngineFault:
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            return
