"""What was decided; a tenant's own rules of access, thresholds and exceptions; revisions of the rules."""

from policy.models.access import AccessRule, Network
from policy.models.agent import OpaAgent, OpaToken
from policy.models.datachange import DataChange, ThresholdSet
from policy.models.decision import DecisionCount, StoredDecision, StoredInput
from policy.models.exception import REACH, PolicyException
from policy.models.rules import RulesInForce, RulesVersion
from policy.models.simulation import Simulation

__all__ = [
    "REACH",
    "AccessRule",
    "DataChange",
    "DecisionCount",
    "Network",
    "OpaAgent",
    "OpaToken",
    "PolicyException",
    "RulesInForce",
    "RulesVersion",
    "Simulation",
    "StoredDecision",
    "StoredInput",
    "ThresholdSet",
]
