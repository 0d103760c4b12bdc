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
from policy.services.changes import apply_change, close_change, propose_change
from policy.services.exceptions import (
    Wish,
    ask_exception,
    end_exception,
    grant_exception,
    refuse_exception,
    sweep_exceptions,
)

__all__ = [
    "MOST_RULES",
    "Wish",
    "apply_change",
    "ask_exception",
    "blocks_of",
    "check_rule",
    "close_change",
    "end_exception",
    "grant_exception",
    "propose_change",
    "refuse_exception",
    "remove_access_rule",
    "remove_network",
    "save_access_rule",
    "save_network",
    "seed_access_rules",
    "sweep_exceptions",
]
