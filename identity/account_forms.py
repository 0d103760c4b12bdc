"""What a person chooses for a new token."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from identity.models import AccessToken, Scope

DAYS = (1, 7, 30, 90)


class TokenForm(forms.Form):
    """Name, scopes and life; the shortest useful life and no scope are what it begins with."""

    name = forms.CharField(label=_("What is it for?"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        help_text=_("Never more than you may. Choose as little as the program needs."),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(label=_("How long does it live?"), coerce=int, initial=7)
    service = forms.BooleanField(
        label=_("For a service"),
        help_text=_("It outlives your session. It ends with your access all the same."),
        required=False,
    )

    def __init__(self, *args: Any, offer_service: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lives = [(days, ngettext("%(n)d day", "%(n)d days", days) % {"n": days}) for days in DAYS]
        self.fields["days"].choices = lives  # type: ignore[attr-defined]
        if not offer_service:
            del self.fields["service"]

    def values(self) -> dict[str, Any]:
        """As services.issue_token takes them."""
        service = self.cleaned_data.get("service", False)
        return {
            "kind": AccessToken.Kind.SERVICE if service else AccessToken.Kind.PERSONAL,
            "name": self.cleaned_data["name"],
            "scopes": self.cleaned_data["scopes"],
            "days": self.cleaned_data["days"],
        }
