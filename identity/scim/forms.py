"""What an admin chooses of a SCIM client."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.models import ALL_SCOPES, ScimClient, ScimScope
from identity.token_forms import LifetimeField


class ClientForm(forms.ModelForm):  # type: ignore[type-arg]
    """A client's name and scopes; for a new one also how long its first token is valid."""

    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=ScimScope.choices, widget=forms.CheckboxSelectMultiple
    )
    lifetime = LifetimeField()

    class Meta:
        model = ScimClient
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.created_at is not None
        self.fields["scopes"].initial = self.instance.scopes if known else list(ALL_SCOPES)

    def clean_scopes(self) -> list[ScimScope]:
        """As the enum that the service takes."""
        return [ScimScope(word) for word in self.cleaned_data["scopes"]]
