"""Forms of this room's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policy.services import MOST_SIMULATED_DAYS


class SimulateForm(forms.Form):
    """How far back a version of the rules is tried."""

    days = forms.IntegerField(
        label=_("Decisions of the last days"), min_value=1, max_value=MOST_SIMULATED_DAYS, initial=30
    )
