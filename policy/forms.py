"""Forms of this room's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policy.services import MOST_SIMULATED_DAYS
from policy.services.publishing import MOST_REASON


class SimulateForm(forms.Form):
    """How far back a version of the rules is tried."""

    days = forms.IntegerField(
        label=_("Decisions of the last days"), min_value=1, max_value=MOST_SIMULATED_DAYS, initial=30
    )


class RollBackForm(forms.Form):
    """Why earlier rules are to decide again."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("It goes on the record. Name what went wrong, not people."),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
