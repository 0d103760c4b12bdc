"""What somebody says who changes the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policy.services.publishing import MOST_REASON


class RollBackForm(forms.Form):
    """Why earlier rules are to decide again."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("It goes on the record. Name what went wrong, not people."),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
