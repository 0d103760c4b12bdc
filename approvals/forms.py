"""What a reviewer sends."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from approvals.models import SHA256
from approvals.states import Verdict


class DecisionForm(forms.Form):
    """One answer, with the digest of what was seen and a key that makes sending it twice harmless."""

    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The requester reads it. Needed to reject or to ask for changes."),
    )
    verdict = forms.ChoiceField(choices=Verdict.choices, widget=forms.HiddenInput)
    digest = forms.CharField(validators=[RegexValidator(SHA256)], widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A "no" says why."""
        values = super().clean() or {}
        verdict = values.get("verdict")
        if verdict and verdict != Verdict.APPROVE and not values.get("comment", "").strip():
            self.add_error("comment", _("Say why, so that the requester knows what to do."))
        return values
