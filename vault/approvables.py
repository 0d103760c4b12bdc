"""The destruction of a key as something that people approve (approvals/approvables.py has the contract)."""

import uuid

from django.utils.translation import gettext as _

from approvals.approvables import Submission
from approvals.models import Request
from identity.errors import Missing
from vault import destruction_evidence, services
from vault.models import KeyDestruction
from vault.services.destruction import STEPS, TIER, digest


class KeyDestructionApproval:
    """Wired under the kind "key_destruction"."""

    @property
    def label(self) -> str:
        """What such objects are called."""
        return _("Destruction of a key")

    def digest(self, request: Request) -> str:
        """Which keys there are, and why they are to go."""
        return digest(_row(request))

    def decide_again(self, request: Request) -> Submission:
        """The same step; the keys may have become others by a rotation."""
        row = _row(request)
        return Submission(
            digest=digest(row), evidence=destruction_evidence.collect(row), steps=STEPS, tier=TIER
        )

    def granted(self, request: Request) -> None:
        """Nothing opens from here on."""
        services.grant_destruction(destruction_id=_id(request))

    def refused(self, request: Request) -> None:
        """The key stays."""
        services.refuse_destruction(destruction_id=_id(request))

    def changes_asked(self, request: Request) -> None:
        """The wish itself cannot be edited: its person withdraws it."""


def _row(request: Request) -> KeyDestruction:
    row = KeyDestruction.objects.select_related("asked_by").filter(pk=_id(request)).first()
    if row is None:
        raise Missing(_("There is no such destruction."))
    return row


def _id(request: Request) -> uuid.UUID:
    return uuid.UUID(request.object.partition(":")[2])
