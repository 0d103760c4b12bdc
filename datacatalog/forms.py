"""What people type into the data catalog's pages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datacatalog.identifiers import Identifier, IdentifierKind
from datacatalog.models import Classification, Dataset, Region
from datacatalog.models.dataset import FIELD_TYPES
from datacatalog.reasons import explain
from datacatalog.safe_yaml import MAX_BYTES
from datacatalog.services.tags import MAX_REASON
from datacatalog.sources.files import MAX_BYTES as FILE_BYTES
from datacatalog.sources.sql import Address
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


class SourceUpload(forms.Form):
    """A file that describes data or holds it, and the region in which its data lies."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            ("odcs", _("Data contract (ODCS 3, YAML or JSON)")),
            ("file", _("Table (CSV, Excel, Parquet)")),
            ("openapi", _("API description (OpenAPI 3, YAML or JSON)")),
        ],
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("Values of a table are looked at for types and suggestions. They are not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.json,.csv,.tsv,.txt,.xlsx,.parquet"}),
    )
    region = forms.ModelChoiceField(
        label=_("Region"),
        help_text=_("Where this data is stored. A dataset that is known stays in its region."),
        queryset=Region.objects.none(),
        empty_label=_("Choose…"),
    )
    source = forms.CharField(
        label=_("Name of the source"),
        required=False,
        max_length=200,
        help_text=_("Tells it again next time. Without it the file’s name or the API’s title does."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refused by its size before a byte of it is read."""
        found = super().clean() or {}
        file: UploadedFile[Any] | None = found.get("file")
        limit = {"odcs": MAX_BYTES}.get(found.get("kind", ""), FILE_BYTES)
        if file is not None and (file.size or 0) > limit:
            text = gettext("The file is larger than %(limit)d kB.") % {"limit": limit // 1024}
            self.add_error("file", text)
        return found


class DatabaseLogin(forms.Form):
    """A database that a worker reads once. The password is kept until then, and sealed."""

    dialect = forms.ChoiceField(label=_("Kind of database"))
    host = forms.CharField(
        label=_("Host"), max_length=200, required=False, help_text=_("One of those that are allowed here.")
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, required=False)
    database = forms.CharField(label=_("Database"), max_length=100)
    schema = forms.CharField(
        label=_("Schema"),
        max_length=100,
        required=False,
        help_text=_("Empty: every schema but the system’s."),
    )
    user = forms.CharField(label=_("User name"), max_length=100, required=False)
    password = forms.CharField(
        label=_("Password"),
        max_length=400,
        required=False,
        strip=False,
        help_text=_("Use a login that may only read. It is forgotten as soon as the database is read."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    region = forms.ModelChoiceField(
        label=_("Region"), queryset=Region.objects.none(), empty_label=_("Choose…")
    )
    samples = forms.BooleanField(
        label=_("A few values of each table may be looked at"),
        required=False,
        help_text=_(
            "That makes suggestions better. Values are never kept. Agree only if you may decide that."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = ["postgresql", *settings.DATABASE_IMPORT_DIALECTS]
        self.fields["dialect"].choices = [(kind, kind) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["region"].queryset = Region.objects.all()  # type: ignore[attr-defined]

    def address(self) -> Address:
        """The login as it was typed."""
        given = self.cleaned_data
        return Address(
            **{
                key: given[key]
                for key in ("dialect", "host", "port", "database", "user", "password", "schema")
            }
        )


class MapForm(forms.Form):
    """One dataset of a preview, with a page of its fields."""

    title = forms.CharField(label=_("Title"), max_length=200)
    use = forms.BooleanField(label=_("Import this dataset"), required=False)

    def __init__(self, *args: Any, fields: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of = fields
        for n, row in enumerate(fields):
            self.fields[f"use-{n}"] = forms.BooleanField(
                label=gettext("Import %(field)s") % {"field": row["name"]},
                required=False,
                initial=not row["skip"],
            )
            self.fields[f"label-{n}"] = forms.CharField(
                label=gettext("Label of %(field)s") % {"field": row["name"]},
                max_length=200,
                initial=row["label"],
            )
            self.fields[f"type-{n}"] = forms.ChoiceField(
                label=gettext("Type of %(field)s") % {"field": row["name"]},
                choices=FIELD_TYPES,
                initial=row["type"],
            )
        for name, one in self.fields.items():
            if "-" in name:
                one.widget.attrs["aria-label"] = str(one.label)

    def rows(self, known: Mapping[str, Classification]) -> list[dict[str, Any]]:
        """Each field of the page with its inputs and what is suggested for it."""
        return [
            {
                "field": row,
                "use": self[f"use-{n}"],
                "label": self[f"label-{n}"],
                "type": self[f"type-{n}"],
                "suggested": known.get(row["suggestion"].get("classification", "")),
                "why": explain(row["suggestion"]),
            }
            for n, row in enumerate(self.of)
        ]

    def mapping(self) -> dict[str, dict[str, Any]]:
        """By name: whether the field comes, its label and its type."""
        given = self.cleaned_data
        return {
            row["name"]: {
                "skip": not given[f"use-{n}"],
                "label": given[f"label-{n}"],
                "type": given[f"type-{n}"],
            }
            for n, row in enumerate(self.of)
        }


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
