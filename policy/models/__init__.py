"""What was decided, and the tenant's own rules of access."""

from policy.models.access import AccessRule, Network
from policy.models.agent import OpaAgent, OpaToken
from policy.models.decision import DecisionCount, StoredDecision, StoredInput

__all__ = [
    "AccessRule",
    "DecisionCount",
    "Network",
    "OpaAgent",
    "OpaToken",
    "StoredDecision",
    "StoredInput",
]
