"""The refusal of the decision point. portal/errors.py renders it, with its reasons."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from identity.errors import DomainError

if TYPE_CHECKING:
    from policy.decision import Decision  # it raises Refused, so it comes second


class Refused(DomainError):
    """The decision point said no. `decision` says why, and what would make it pass.

    Whoever rolls a transaction back because of it calls policy.pdp.preserve(error.decision) afterwards,
    or wraps the transaction in policy.pdp.denials_survive().
    """

    def __init__(self, decision: "Decision") -> None:
        first = decision.denials[0] if decision.denials else None
        super().__init__(first.text if first else _("This is not allowed."), code=first.code if first else "")
        self.decision = decision
        self.status = 503 if decision.undecided else 403
