"""The erasure of a person's data as something that people approve (approvals/approvables.py)."""

import uuid

from django.utils.translation import gettext as _

from approvals.approvables import Submission
from approvals.models import Request
from datacatalog import services, subject_evidence
from datacatalog.models import SubjectRequest
from datacatalog.queueing import queue
from datacatalog.services.subject_row import digest
from identity.errors import Missing


class ErasureApproval:
    """Wired under the kind "erasure"."""

    @property
    def label(self) -> str:
        """What such objects are called."""
        return _("Erasure")

    def digest(self, request: Request) -> str:
        """Which person, and whole records or their personal fields."""
        return digest(_row(request))

    def decide_again(self, request: Request) -> Submission:
        """The same steps, with the evidence as it is now."""
        row = _row(request)
        steps = request.steps.order_by("order").values_list("asks", "order")
        return Submission(
            digest=digest(row),
            evidence=subject_evidence.collect(row),
            steps=[{"role": asks.removeprefix("role:"), "order": order} for asks, order in steps],
            tier=request.tier,
            tier_reason=request.tier_reason,
        )

    def granted(self, request: Request) -> None:
        """The rules decide once more, with these approvals; then a worker begins."""
        services.grant_erasure(request_id=_id(request), queue=queue)

    def refused(self, request: Request) -> None:
        """Nothing is erased; it can be asked for again."""
        services.refuse_erasure(request_id=_id(request))

    def changes_asked(self, request: Request) -> None:
        """It is withdrawn and asked for again in the other way."""


def _row(request: Request) -> SubjectRequest:
    row = SubjectRequest.objects.select_related("asked_by").filter(pk=_id(request)).first()
    if row is None:
        raise Missing(_("There is no such request."))
    return row


def _id(request: Request) -> uuid.UUID:
    return uuid.UUID(request.object.partition(":")[2])
