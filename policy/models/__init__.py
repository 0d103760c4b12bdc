"""What was decided, the tenant's own rules of access, its exceptions, and revisions of the rules."""

from policy.models.access import AccessRule, Network
from policy.models.agent import OpaAgent, OpaToken
from policy.models.decision import DecisionCount, StoredDecision, StoredInput
from policy.models.exception import REACH, PolicyException
from policy.models.rules import RulesInForce, RulesVersion
from policy.models.simulation import Simulation

__all__ = [
    "REACH",
    "AccessRule",
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
]
