"""The reference pages of states in policy/states.py: of exceptions, rules, simulations, changes of data."""

from collections.abc import Mapping
from typing import Any

from policy.states import CHANGE, EXCEPTION, SIMULATION, VERSION

_MADE = "Made from `policy/states.py` by `python -m docs.generate`.\n"


def exception_states() -> str:
    """One Mermaid diagram."""
    return (
        f"# States of an exception\n\n{_MADE}"
        "The database refuses every other state (CHECK), the services every other move. An exception\n"
        "that is past its end lets nothing pass, whatever its state says.\n\n"
        + _diagram("    [*] --> asked: from a refusal", EXCEPTION)
    )


def rules_states() -> str:
    """One Mermaid diagram."""
    return (
        f"# States of a version of the rules\n\n{_MADE}"
        "The database refuses every other state (CHECK), the services every other move. Rolling back moves\n"
        "no version: which one is in force is told apart (`RulesInForce`).\n\n"
        + _diagram("    [*] --> checking: proposed", VERSION)
    )


def simulation_states() -> str:
    """One Mermaid diagram."""
    return (
        f"# States of a simulation\n\n{_MADE}"
        "The database refuses every other state (CHECK), the services every other move, and lets one\n"
        "simulation of a version wait or run at a time.\n\n"
        + _diagram("    [*] --> waiting: from the page of a version", SIMULATION)
    )


def data_change_states() -> str:
    """One Mermaid diagram."""
    return (
        f"# States of a change of policy data\n\n{_MADE}"
        "The database refuses every other state (CHECK), the services every other move. Nothing of a change\n"
        "counts before it is applied, which happens with the vote that approves it.\n\n"
        + _diagram("    [*] --> in_review: in the admin", CHANGE)
    )


def _diagram(first: str, table: Mapping[Any, Mapping[str, Any]]) -> str:
    lines = [first]
    for before, onward in table.items():
        lines.extend(f"    {before.value} --> {after.value}: {why}" for why, after in onward.items())
        if not onward:
            lines.append(f"    {before.value} --> [*]")
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"
