"""What may become of a key-encryption key (NIST SP 800-57 part 1, section 7, in this portal's words), and of
the wish to destroy one (docs/reference/key-states.md is made from this)."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class KekState(models.TextChoices):
    """Switched off is not among them: it is a switch beside the state, and can be put back."""

    ACTIVE = "active", _("active")  # wraps new data keys
    RETIRED = "retired", _("retired")  # another wraps by now; still opens what it wrapped
    DESTROYING = "destroying", _("being destroyed")  # opens nothing any more, and never will again
    DESTROYED = "destroyed", _("destroyed")


class DestructionState(models.TextChoices):
    """Where a destruction stands."""

    ASKED = "asked", _("waiting for approval")
    REFUSED = "refused", _("refused")
    GRANTED = "granted", _("being done")
    DONE = "done", _("done")


KEK: Mapping[KekState, Mapping[str, KekState]] = {
    KekState.ACTIVE: {
        "rotated, or another brought": KekState.RETIRED,
        "destruction granted": KekState.DESTROYING,
    },
    KekState.RETIRED: {"destruction granted by then": KekState.DESTROYING},
    KekState.DESTROYING: {"the key service has forgotten it": KekState.DESTROYED},
    KekState.DESTROYED: {},
}
DESTRUCTION: Mapping[DestructionState, Mapping[str, DestructionState]] = {
    DestructionState.ASKED: {
        "approved": DestructionState.GRANTED,
        "rejected, withdrawn, expired or lapsed": DestructionState.REFUSED,
    },
    DestructionState.GRANTED: {"keys gone, certificate signed": DestructionState.DONE},
    DestructionState.REFUSED: {},
    DestructionState.DONE: {},
}
LIVING = tuple(state for state, onward in KEK.items() if KekState.DESTROYING in onward.values())


def may_move(before: str, after: KekState | DestructionState) -> bool:
    """Whether the tables know this transition."""
    if isinstance(after, KekState):
        return after in KEK[KekState(before)].values()
    return after in DESTRUCTION[DestructionState(before)].values()
