"""Whether who asked for an export may still have it: looked at while its file is written (I5).

A deactivation, a security event, or the loss of the role in the app ends a run within about a second.
"""

from identity.models import User
from policy.inputs import Action
from runtime.live import LiveApp
from runtime.models import Export
from runtime.permissions import granted


class RightLost(Exception):
    """The run must stop and leave nothing; `why` is a key of models.FAILURES."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def check_right(export: Export, live: LiveApp) -> None:
    """Two queries, read anew: the run's own objects are as old as the run.

    Raises:
        RightLost: the person is gone, or his sessions were ended since the run began, or no role of his lets
            him export from this app any more.
    """
    now = User.objects.filter(pk=export.requester_id).first()
    if now is None or not now.is_active:
        raise RightLost("left")
    if now.session_epoch != export.requester.session_epoch:
        raise RightLost("signal")
    if Action.RECORD_EXPORT not in granted(now, live):
        raise RightLost("policy")
