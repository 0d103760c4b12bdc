"""An export as something that people approve (approvals/approvables.py)."""

import uuid

from django.utils.translation import gettext as _

from approvals.approvables import Submission
from approvals.models import Request
from approvals.states import RequestState
from policy.errors import Refused
from runtime import evidence, exports, services
from runtime.models import Export
from runtime.queueing import queue


class ExportApproval:
    """Wired under the kind "export"."""

    @property
    def label(self) -> str:
        """What such objects are called."""
        return _("Export")

    def digest(self, request: Request) -> str:
        """What is asked, of which version of the app."""
        return exports.subject_of(self._export(request)).digest

    def decide_again(self, request: Request) -> Submission:
        """The decision as it is now, without the approvals that the change has made void."""
        subject = exports.subject_of(self._export(request))
        try:
            decision = exports.decide(subject, unattended=True)
        except Refused as refusal:
            decision = refusal.decision
        return evidence.submission(subject, decision)

    def granted(self, request: Request) -> None:
        """Queue it; it is decided again with these approvals before a value is read."""
        services.approved(by=None, export_id=_id(request), queue=queue)

    def refused(self, request: Request) -> None:
        """Close it."""
        why = "gone" if request.state == RequestState.LAPSED else "approval"
        services.not_approved(by=None, export_id=_id(request), why=why)

    def changes_asked(self, request: Request) -> None:
        """The wish itself cannot be edited: its person withdraws it and asks for something else."""

    def _export(self, request: Request) -> Export:
        return Export.objects.select_related("requester").get(pk=_id(request))


def _id(request: Request) -> uuid.UUID:
    return uuid.UUID(request.object.partition(":")[2])
