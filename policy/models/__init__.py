"""What was decided, the tenant's own rules of access, and its exceptions."""

from policy.models.access import AccessRule, Network
from policy.models.agent import OpaAgent, OpaToken
from policy.models.decision import DecisionCount, StoredDecision, StoredInput
from policy.models.exception import REACH, PolicyException

__all__ = [
    "REACH",
    "AccessRule",
    "DecisionCount",
    "Network",
    "OpaAgent",
    "OpaToken",
    "PolicyException",
    "StoredDecision",
    "StoredInput",
]
