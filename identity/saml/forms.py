"""What an admin says of a SAML provider."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.errors import DomainError
from identity.models import SamlProvider
from identity.saml.documents import MAX_METADATA_BYTES
from identity.saml.fetch import fetch_metadata
from identity.saml.idp import BadMetadata, idp_of
from identity.services import Connection


class SamlProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    """A provider by its metadata, in one of three ways: pasted, as a file, or from its address."""

    metadata = forms.CharField(
        label=_("metadata (XML)"),
        required=False,
        max_length=MAX_METADATA_BYTES,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("Paste the whole document, or give it in one of the two ways below."),
    )
    metadata_file = forms.FileField(label=_("metadata file"), required=False)
    metadata_url = forms.CharField(
        label=_("address of the metadata"),
        required=False,
        max_length=1000,
        help_text=_(
            "An HTTPS address; it is read now, once. Read it again after the provider's keys change."
        ),
    )
    domains = forms.CharField(
        label=_("e-mail domains"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line. People with such addresses are sent to this provider."),
    )

    class Meta:
        model = SamlProvider
        fields = ["name", "slug", "metadata", "match", "subject", "step_up_contexts"]
        help_texts = {
            "slug": _("Stands in the addresses that you paste at the provider, and stays."),
            "subject": _("The name of an attribute. Empty: the NameID."),
            "step_up_contexts": _("Values of AuthnContextClassRef, best first, by spaces."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            rows = self.instance.domains.values_list("domain", flat=True)
            self.fields["domains"].initial = "\n".join(rows)

    def clean(self) -> dict[str, Any]:
        """The metadata must describe one provider that can be used; on a change, the same as before."""
        values: dict[str, Any] = super().clean() or {}
        field, text = self._given(values)
        if field is None or self.errors:
            return values
        try:
            idp = idp_of(text)
        except BadMetadata as error:
            self.add_error(field, _("It cannot be used: %(why)s.") % {"why": error})
            return values
        if not self.instance._state.adding and idp.entity_id != self.instance.issuer:
            self.add_error(
                field, _("This is the metadata of another provider: %(id)s.") % {"id": idp.entity_id}
            )
        values["metadata"] = text
        return values

    def connection(self) -> Connection:
        """What the service takes."""
        values = self.cleaned_data
        return Connection(
            name=values["name"],
            issuer="",
            match=values["match"],
            subject=values["subject"],
            step_up_contexts=" ".join(values["step_up_contexts"].split()),
            metadata=values["metadata"],
        )

    def _given(self, values: dict[str, Any]) -> tuple[str | None, str]:
        """By which field the metadata came, and the text; a file or an address goes before a pasted one."""
        upload, url = values.get("metadata_file"), values.get("metadata_url")
        if upload and upload.size > MAX_METADATA_BYTES:
            self.add_error("metadata_file", _("The file is too large."))
        elif upload:
            try:
                return "metadata_file", upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("metadata_file", _("The file is not UTF-8."))
        elif url:
            try:
                return "metadata_url", fetch_metadata(url.strip())
            except DomainError as error:
                self.add_error("metadata_url", error.message)
        elif values.get("metadata"):
            return "metadata", values["metadata"]
        else:
            self.add_error("metadata", _("The metadata is needed."))
        return None, ""
