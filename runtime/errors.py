"""What only a running app can answer. Everything else is in identity/errors.py and policy/errors.py."""

from identity.errors import NotAllowed


class StepUpNeeded(NotAllowed):
    """Allowed once the person has proved presence. Views send them there and bring them back."""


__all__ = ["StepUpNeeded"]
