"""What people type on the way in and choose for a token, and what admins say of a provider."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from identity import discovery
from identity.models import AccessToken, IdentityProvider, Scope
from identity.services import Connection


class AddressForm(forms.Form):
    """The e-mail address by whose domain the provider is found."""

    email = forms.EmailField(
        label=_("E-mail address at work"),
        max_length=254,
        error_messages={"invalid": _("Enter your e-mail address at work, like name@company.com.")},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    """An OpenID Connect provider. The client secret is written and never shown."""

    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        max_length=1000,
        # no password field: the browser would offer to keep it, and no page here has one (I1)
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Leave it empty to keep the one that is stored. It is never shown again."),
    )
    domains = forms.CharField(
        label=_("E-mail domains"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line. People with such addresses are sent to this provider."),
    )

    class Meta:
        model = IdentityProvider
        fields = ["name", "slug", "issuer", "client_id", "match", "subject", "step_up_contexts"]
        help_texts = {
            "slug": _("Stands in the addresses that you paste at the provider, and stays."),
            "issuer": _("The address under which /.well-known/openid-configuration lies."),
            "subject": _("Empty: sub. For Entra ID: oid."),
            "step_up_contexts": _(
                "Values of acr, best first, by spaces. For Entra ID an authentication context: c1."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            rows = self.instance.domains.values_list("domain", flat=True)
            self.fields["domains"].initial = "\n".join(rows)

    def clean_client_id(self) -> str:
        """OpenID Connect has always one."""
        value: str = self.cleaned_data["client_id"]
        if not value:
            raise forms.ValidationError(_("The provider gives the portal a client id."))
        return value

    def clean_issuer(self) -> str:
        """Discovery must find the provider's documents there, under that very name."""
        issuer: str = self.cleaned_data["issuer"].strip().removesuffix(discovery.WELL_KNOWN)
        if issuer != self.instance.issuer:
            try:
                discovery.metadata_of(issuer)
            except discovery.ProviderDown as error:
                text = _("No discovery document can be used there: %(why)s.") % {"why": error}
                raise forms.ValidationError(text) from error
        return issuer

    def connection(self) -> Connection:
        """What the service takes."""
        values = self.cleaned_data
        return Connection(
            name=values["name"],
            issuer=values["issuer"],
            client_id=values["client_id"],
            match=values["match"],
            subject=values["subject"],
            step_up_contexts=" ".join(values["step_up_contexts"].split()),
        )


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
