"""Outcomes of a moment ago, in this process.

The rules are pure: the same revision on the same facts says the same (none of them reads the time). An
outcome is kept no longer than a decision may take, and only where nothing is written, so that an engine
that is gone denies as soon as one that hangs.
"""

import threading
import time
from collections import OrderedDict

from policy.outcome import Outcome


class OutcomeCache:
    """At most `size` outcomes, each for at most `seconds`; the oldest go first. Safe for threads."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], tuple[float, Outcome]] = OrderedDict()

    def get(self, key: tuple[str, str, str]) -> Outcome | None:
        """The outcome for (revision, entry point, digest of the input), or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or found[0] < time.monotonic():
                return None
            return found[1]

    def put(self, key: tuple[str, str, str], outcome: Outcome, seconds: float) -> None:
        """Keep `outcome` for `seconds`."""
        with self._lock:
            self._kept[key] = (time.monotonic() + seconds, outcome)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
