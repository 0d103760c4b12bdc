"""Every write of the catalog: drafts, submissions, what becomes of versions, owners, templates offered."""

from catalog.services.drafts import (
    discard_draft,
    save_draft,
    start_change,
    start_draft,
)
from catalog.services.live import finish_launch, give_up_launch, go_live, retire, rollback_to
from catalog.services.owners import add_co_owner, remove_co_owner
from catalog.services.submissions import close_version, hand_back, submit_version
from catalog.services.templates import list_releases, publish_template, withdraw_template

__all__ = [
    "add_co_owner",
    "close_version",
    "discard_draft",
    "finish_launch",
    "give_up_launch",
    "go_live",
    "hand_back",
    "list_releases",
    "publish_template",
    "remove_co_owner",
    "retire",
    "rollback_to",
    "save_draft",
    "start_change",
    "start_draft",
    "submit_version",
    "withdraw_template",
]
