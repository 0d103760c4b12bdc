"""What an engine is to the decision point."""

from enum import StrEnum
from typing import Any, Protocol

from policy.inputs import NUMBERS, Document


class Fault(StrEnum):
    """Why an engine gave no answer. Each means: denied."""

    AWAY = "away"  # not there, refused the connection, or its circuit is open
    DIED = "died"
    TIMED_OUT = "timed_out"
    BUSY = "busy"  # every worker was taken for as long as a decision may last
    NONSENSE = "nonsense"  # an answer that is none: not JSON, no result, another shape
    REVISION = "revision"  # it decides by other rules than this portal publishes
    INPUT = "input"  # the facts cannot be sent as I-JSON


class EngineFault(Exception):
    """The engine did not decide. `detail` is for the log alone: it may quote the engine."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault


class Engine(Protocol):
    """Evaluates one entry point of one revision of the rules. Safe for use by several threads."""

    name: str
    revision: str

    def evaluate(self, document: Document) -> Any:
        """The value at the entry point for this input, within the engine's time-out.

        Raises:
            EngineFault: there is none, for whatever cause.
        """

    def alive(self) -> bool:
        """Whether what it decided a moment ago may be quoted: False once its process is known to be gone.

        Asked before each answer from the cache, hence in microseconds.
        """

    def close(self) -> None:
        """Let go of processes and connections; a later evaluate() opens them again."""


def check_numbers(value: Any) -> None:
    """Stop an input in which something else stands where the rules compare numbers.

    Engines do not agree on how a text compares to a number, and a level that is none protects nothing.

    Raises:
        TypeError: the name of the member, whose value is no whole number.
    """
    if isinstance(value, dict):
        for name, item in value.items():
            if name in NUMBERS and type(item) is not int:
                raise TypeError(name)
            if isinstance(item, dict | list):
                check_numbers(item)
    else:
        for item in value:
            if isinstance(item, dict | list):
                check_numbers(item)
