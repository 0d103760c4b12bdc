"""The refusal of the decision point. portal/errors.py renders it, with its reasons."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from identity.errors import DomainError

if TYPE_CHECKING:
    from policy.decision import Decision  # it raises Refused, so it comes second


class StepUpNeeded(DomainError):
    """Allowed once the person has proved more; `decision` says which rules ask. portal/step_up.py sends him.

    `acr_values` are the contexts that would do, best first (empty: the provider's step-up contexts);
    `max_age` is in seconds, None where no rule asks for a fresh sign-in (RFC 9470, section 3).
    """

    status = 403

    def __init__(self, decision: "Decision") -> None:
        super().__init__(_("This needs a stronger or fresher sign-in."), code="step_up")
        self.decision = decision
        self.acr_values, self.max_age = decision.sign_in_asked


class Refused(DomainError):
    """The decision point said no. `decision` says why, and what would make it pass.

    Whoever may roll a transaction back because of it wraps that in policy.pdp.denials_survive().
    """

    def __init__(self, decision: "Decision") -> None:
        first = decision.denials[0] if decision.denials else None
        super().__init__(first.text if first else _("This is not allowed."), code=first.code if first else "")
        self.decision = decision
        self.status = 503 if decision.undecided else 403
