"""What was decided, the tenant's own rules of access, and its exceptions."""

from policy.models.access import AccessRule, Network
from policy.models.decision import DecisionCount, StoredDecision, StoredInput
from policy.models.exception import PolicyException

__all__ = [
    "AccessRule",
    "DecisionCount",
    "Network",
    "PolicyException",
    "StoredDecision",
    "StoredInput",
]
