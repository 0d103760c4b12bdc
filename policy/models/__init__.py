"""What was decided, the tenant's own rules of access, thresholds and exceptions, and changes of such data."""

from policy.models.access import AccessRule, Network
from policy.models.agent import OpaAgent, OpaToken
from policy.models.datachange import DataChange, ThresholdSet
from policy.models.decision import DecisionCount, StoredDecision, StoredInput
from policy.models.exception import PolicyException

__all__ = [
    "AccessRule",
    "DataChange",
    "DecisionCount",
    "Network",
    "OpaAgent",
    "OpaToken",
    "PolicyException",
    "StoredDecision",
    "StoredInput",
    "ThresholdSet",
]
