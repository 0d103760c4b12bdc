"""What people type into the data catalog's pages."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datacatalog.identifiers import Identifier, IdentifierKind
from datacatalog.models import Dataset, Region
from datacatalog.safe_yaml import MAX_BYTES
from datacatalog.services.tags import MAX_REASON
from datacatalog.states import SubjectKind, SubjectState


class DatasetSearch(forms.Form):
    """Filters of the list; everything in the address, so that a search can be sent on."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Dataset or field")}),
    )
    origin = forms.ChoiceField(
        label=_("Origin"), required=False, choices=[("", _("Any")), *Dataset.Origin.choices]
    )
    untagged = forms.BooleanField(label=_("With untagged fields"), required=False)


class ContractUpload(forms.Form):
    """A data contract and the region in which its data lies."""

    file = forms.FileField(
        label=_("Contract file"),
        help_text=_("A file of the Open Data Contract Standard, version 3, in YAML."),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )
    region = forms.ModelChoiceField(
        label=_("Region"),
        help_text=_("Where the data of this contract is stored."),
        queryset=Region.objects.none(),
        empty_label=_("Choose…"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.all()  # type: ignore[attr-defined]

    def clean_file(self) -> "UploadedFile[Any]":
        """Refused by its size before a byte of it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            text = gettext("The file is larger than %(limit)d kB.") % {"limit": MAX_BYTES // 1024}
            raise forms.ValidationError(text)
        return file


class TagForm(forms.Form):
    """The tag of one field."""

    classification = forms.SlugField(max_length=40)
    reason = forms.CharField(max_length=MAX_REASON, required=False)


class HoldForm(forms.Form):
    """A legal hold."""

    title = forms.CharField(label=_("What is it called?"), max_length=120)
    dataset = forms.ModelChoiceField(
        label=_("What is held?"),
        queryset=Dataset.objects.none(),
        required=False,
        empty_label=_("Everything"),
    )
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("For example the file number of the case. Name no people."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["dataset"].queryset = Dataset.objects.filter(origin=Dataset.Origin.APP)


class SubjectSearch(forms.Form):
    """Filters of the list of data subjects' requests."""

    kind = forms.ChoiceField(label=_("Right"), required=False, choices=[("", _("Any")), *SubjectKind.choices])
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *SubjectState.choices]
    )


class SubjectForm(forms.Form):
    """Who asks for what. The values are personal data: they come by POST alone and are sealed at once."""

    kind = forms.ChoiceField(
        label=_("What does the person ask for?"),
        choices=[
            (SubjectKind.ACCESS.value, _("Access: a copy of everything that is held (Article 15 GDPR)")),
            (SubjectKind.ERASURE.value, _("Erasure: everything is to go (Article 17 GDPR)")),
        ],
        widget=forms.RadioSelect,
    )
    reference = forms.CharField(
        label=_("Case number"),
        help_text=_("Under which you keep the request, for example DSR-2026/7. Name nobody."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.CharField(label=_("E-mail addresses"), required=False)
    phone = forms.CharField(label=_("Phone numbers"), required=False)
    name = forms.CharField(label=_("Names"), required=False)
    other = forms.CharField(label=_("Other values"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        helps = {
            "email": _("One a line. How they are written does not matter."),
            "phone": _("One a line, best with the country code."),
            "name": _("One a line, as in the records. A name finds namesakes too."),
            "other": _("One a line: for example a customer number."),
        }
        for name, text in helps.items():
            field = self.fields[name]
            field.help_text, field.max_length = text, 4000  # type: ignore[attr-defined]
            field.widget = forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"})

    def clean_reference(self) -> str:
        """As it is stored."""
        return " ".join(str(self.cleaned_data["reference"]).split())

    def identifiers(self) -> list[Identifier]:
        """Each line of each field."""
        return [
            Identifier(kind, line.strip())
            for kind in IdentifierKind
            for line in self.cleaned_data[kind.value].splitlines()
            if line.strip()
        ]


class ErasureForm(forms.Form):
    """What goes."""

    what = forms.ChoiceField(
        label=_("What goes?"),
        choices=[
            ("records", _("Whole records in which the person was found")),
            ("values", _("Only the personal fields of these records")),
        ],
        initial="records",
        widget=forms.RadioSelect,
    )
