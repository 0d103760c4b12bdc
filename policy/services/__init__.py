"""Every write of this room but decisions, which policy/pdp.py alone keeps."""

from policy.services.access import (
    MOST_RULES,
    blocks_of,
    check_rule,
    remove_access_rule,
    remove_network,
    save_access_rule,
    save_network,
    seed_access_rules,
)
from policy.services.asking import MOST_HOURS, Wish, ask_exception, ask_override
from policy.services.changes import apply_change, close_change, propose_change
from policy.services.checking import check_rules, sweep_checks
from policy.services.exceptions import (
    end_exception,
    grant_exception,
    refuse_exception,
    sweep_exceptions,
)
from policy.services.publishing import publish_rules, roll_back_rules
from policy.services.rules import close_rules, propose_release, propose_rules, withdraw_rules
from policy.services.simulations import (
    MOST_SIMULATED_DAYS,
    cancel_simulation,
    start_simulation,
)

__all__ = [
    "MOST_HOURS",
    "MOST_RULES",
    "MOST_SIMULATED_DAYS",
    "Wish",
    "apply_change",
    "ask_exception",
    "ask_override",
    "blocks_of",
    "cancel_simulation",
    "check_rule",
    "check_rules",
    "close_change",
    "close_rules",
    "end_exception",
    "grant_exception",
    "propose_change",
    "propose_release",
    "propose_rules",
    "publish_rules",
    "refuse_exception",
    "remove_access_rule",
    "remove_network",
    "roll_back_rules",
    "save_access_rule",
    "save_network",
    "seed_access_rules",
    "start_simulation",
    "sweep_checks",
    "sweep_exceptions",
    "withdraw_rules",
]
