"""What people type on the way in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    """The e-mail address by whose domain the provider is found."""

    email = forms.EmailField(
        label=_("E-mail address at work"),
        max_length=254,
        error_messages={"invalid": _("Enter your e-mail address at work, like name@company.com.")},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
