"""What admins fill in about keys."""

import base64
import binascii

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_BYTES = 8192  # a wrapped key has 384, in base64 some more


class WrappedKey(forms.Form):
    """The company's key, wrapped by the public key of the import."""

    token = forms.CharField(
        label=gettext_lazy("Import token"),
        help_text=gettext_lazy("It was shown once, when the import began."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=gettext_lazy("Wrapped key"),
        help_text=gettext_lazy("The file that openssl has written, as it is or in base64."),
    )

    def clean_file(self) -> bytes:
        """Its bytes; base64 is undone."""
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("This is too large for a wrapped key."))
        content: bytes = upload.read()
        try:
            return base64.b64decode(b"".join(content.split()), validate=True)
        except (binascii.Error, ValueError):
            return content


class Destruction(forms.Form):
    """Why a key is to be destroyed; the box is no formality."""

    reason = forms.CharField(
        label=gettext_lazy("Why is it to be destroyed?"),
        help_text=gettext_lazy("Security reads this, and it stays with the certificate. Name no people."),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    sure = forms.BooleanField(
        label=gettext_lazy("I know that nobody can ever read this data again, back-ups included")
    )
