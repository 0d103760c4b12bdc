"""What an admin chooses of a program's token (identity/models/hashed_token.py)."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_LIVES = [
    ("", _("until it is replaced or revoked")),
    ("90", _("90 days")),
    ("180", _("180 days")),
    ("365", _("one year")),
]
_OVERLAPS = [
    ("0", _("not at all")),
    ("1", _("one hour")),
    ("24", _("one day")),
    ("168", _("one week")),
    ("720", _("30 days")),
]


class LifetimeField(forms.ChoiceField):
    """How long a token is valid, as the moment of its end."""

    def __init__(self) -> None:
        super().__init__(label=_("The token is valid"), choices=_LIVES, required=False)

    def clean(self, value: Any) -> datetime | None:
        """None: no end."""
        days = super().clean(value)
        return timezone.now() + timedelta(days=int(days)) if days else None


class RotateForm(forms.Form):
    """How long the old token stays valid beside the new one, and how long the new one lives."""

    overlap = forms.ChoiceField(
        label=_("The old token stays valid"),
        choices=_OVERLAPS,
        initial="24",
        help_text=_("Long enough to put the new one in its place, so that no request is refused."),
    )
    lifetime = LifetimeField()
