"""Which rules are in force in this process, and how others learn of a change at once (P4, P6).

Today they ship with the code, so that a new revision comes with new processes. Whatever publishes one while
processes run calls `put_in_force` in each: the decision point, the rules' pages and the bundles of agents ask
here and nowhere else.
"""

import threading

from policy.rulebook import Rulebook, shipped

_changed = threading.Condition()
_in_force: Rulebook | None = None


def in_force() -> Rulebook:
    """The rules that decide now."""
    return _in_force or shipped()


def put_in_force(rules: Rulebook) -> None:
    """From now on `rules` decide in this process; whoever waits for a change is woken."""
    global _in_force  # noqa: PLW0603 - the one place that says so
    with _changed:
        _in_force = rules
        _changed.notify_all()


def wait_for_other(revision: str, seconds: float) -> bool:
    """Wait until another revision than `revision` is in force; whether that happened within `seconds`.

    Holds a thread, and nothing of the database.
    """
    with _changed:
        return _changed.wait_for(lambda: in_force().revision != revision, timeout=seconds)
