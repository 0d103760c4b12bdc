"""What may become of a key-encryption key (NIST SP 800-57 part 1, section 7, in this portal's words)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KekState(models.TextChoices):
    """Disabled is not among them: it is a switch beside the state, and can be put back."""

    ACTIVE = "active", _("active")  # wraps new data keys
    RETIRED = "retired", _("retired")  # another wraps by now; still opens what it wrapped
    DESTROYING = "destroying", _("being destroyed")  # opens nothing any more, and never will again
    DESTROYED = "destroyed", _("destroyed")


MOVES = {
    KekState.ACTIVE: {KekState.RETIRED, KekState.DESTROYING},
    KekState.RETIRED: {KekState.DESTROYING},
    KekState.DESTROYING: {KekState.DESTROYED},
    KekState.DESTROYED: set(),
}


def may_move(state: str, to: KekState) -> bool:
    """Whether a key in `state` may become `to`."""
    return to in MOVES[KekState(state)]
