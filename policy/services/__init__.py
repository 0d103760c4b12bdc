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
from policy.services.asking import MOST_DAYS, MOST_HOURS, Wish, ask_exception, ask_override
from policy.services.exceptions import (
    end_exception,
    grant_exception,
    refuse_exception,
    sweep_exceptions,
)

__all__ = [
    "MOST_DAYS",
    "MOST_HOURS",
    "MOST_RULES",
    "Wish",
    "ask_exception",
    "ask_override",
    "blocks_of",
    "check_rule",
    "end_exception",
    "grant_exception",
    "refuse_exception",
    "remove_access_rule",
    "remove_network",
    "save_access_rule",
    "save_network",
    "seed_access_rules",
    "sweep_exceptions",
]
