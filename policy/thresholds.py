"""The numbers that a company sets for itself, with what holds until it does (docs/adr/0082). Pure Python:
`portal check` takes them from a file.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise

from policy.inputs import ThresholdFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which level on (0 public to 5 credential) a value is protected, asks for more care, and is never
    shown again; how long an exception may last; how fresh the sign-in for a sensitive operation has to be;
    and the smallest group that a dashboard over protected data shows."""

    protected_level: int = 3
    high_level: int = 4
    credential_level: int = 5
    longest_exception_days: int = 180
    sensitive_minutes: int = 15
    smallest_group: int = 5

    def facts(self) -> ThresholdFacts | None:
        """What the rules in Rego are told: what differs from that which they take by themselves."""
        told = {name: getattr(self, name) for name in LEVELS}
        other = {name: value for name, value in told.items() if value != getattr(DEFAULTS, name)}
        return ThresholdFacts(**other) if other else None


# In this order none may be above the next.
LEVELS = ("protected_level", "high_level", "credential_level")
DEFAULTS = Thresholds()
# The least and the most that makes sense; level 0 is open to all and cannot be protected.
BOUNDS: Mapping[str, tuple[int, int]] = {
    "protected_level": (1, 5),
    "high_level": (1, 5),
    "credential_level": (1, 5),
    "longest_exception_days": (1, 366),
    "sensitive_minutes": (1, 60),
    "smallest_group": (2, 1000),
}


def defaults() -> dict[str, int]:
    """The numbers that hold in a tenant without its own, by name."""
    return asdict(DEFAULTS)


def out_of_bounds(values: Mapping[str, int]) -> str:
    """The first name whose number makes no sense by itself; "" where all do."""
    return next((name for name, (low, high) in BOUNDS.items() if not low <= values[name] <= high), "")


def out_of_order(values: Mapping[str, int]) -> tuple[str, str] | None:
    """The first two levels of which the one is above the other though it may not be."""
    return next(((one, other) for one, other in pairwise(LEVELS) if values[one] > values[other]), None)
