"""Forms of running apps: a record's, made from its fields, and the wish for an export."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.manifest import FieldType
from datacatalog.free_text import kinds_in
from datacatalog.masking import Kind
from runtime.fields import FREE_TEXT_WARNING, form_field
from runtime.live import LiveField, is_open_text

CLEAR = "clear_"
ANYWAY = "anyway_"
LOOKS_LIKE = {
    Kind.EMAIL: gettext_lazy("an e-mail address"),
    Kind.PHONE: gettext_lazy("a phone number"),
    Kind.CARD: gettext_lazy("a card number"),
    Kind.IBAN: gettext_lazy("a bank account (IBAN)"),
}


class RecordForm(forms.Form):
    """Asks for the values of `fields`, by field id. With `kept` it changes a record.

    `kept` has the masked text of each protected field that is filled: such a value is never sent to the
    page, so an empty answer keeps it, and only the box beside it removes it. `initial` has the others.
    """

    key = forms.CharField(widget=forms.HiddenInput, max_length=400)

    def __init__(
        self,
        *args: Any,
        fields: Sequence[LiveField],
        kept: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = tuple(fields)
        self.kept = dict(kept or {})
        self.changing = kept is not None
        for item in fields:
            self._add(item)

    def _add(self, item: LiveField) -> None:
        if item.id not in self.kept:
            self.fields[item.id] = form_field(item, help_text=_warning(item))
            return
        help_text = _("Stored: %(masked)s. Leave it empty to keep it.") % {"masked": self.kept[item.id]}
        self.fields[item.id] = form_field(item, required=False, help_text=help_text)
        if item.type == FieldType.BOOLEAN:  # an unticked box would say "no" where nothing was said
            choices = [("", _("Keep")), ("true", _("Yes")), ("false", _("No"))]
            self.fields[item.id] = forms.TypedChoiceField(
                label=item.label,
                choices=choices,
                coerce=lambda text: text == "true",
                empty_value=None,
                required=False,
                help_text=help_text,
            )
        if not item.required:
            label = _("Remove the stored value of “%(field)s”") % {"field": item.label}
            self.fields[CLEAR + item.id] = forms.BooleanField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        """A free text that everybody reads is not stored before the person was told what is in it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for item in self.asked:
            found = kinds_in(cleaned.get(item.id) or "") if is_open_text(item) else {}
            if not found:
                continue
            label = _("Store “%(field)s” all the same") % {"field": item.label}
            self.fields[ANYWAY + item.id] = forms.BooleanField(label=label, required=False)
            if not self.data.get(ANYWAY + item.id):
                kinds = get_text_list([str(LOOKS_LIKE[kind]) for kind in found], _("and"))
                text = _("This looks as if it held %(kinds)s. Take it out, or tick the box to store it.")
                self.add_error(item.id, text % {"kinds": kinds})
        return cleaned

    def rows(self) -> list[dict[str, Any]]:
        """For the page: each field bound, with its description and its boxes."""
        return [
            {
                "item": item,
                "field": self[item.id],
                "clear": self[CLEAR + item.id] if CLEAR + item.id in self.fields else None,
                "anyway": self[ANYWAY + item.id] if ANYWAY + item.id in self.fields else None,
            }
            for item in self.asked
        ]

    def values(self) -> dict[str, Any]:
        """What to store, by field id: None for nothing; a kept value is left out."""
        values: dict[str, Any] = {}
        for item in self.asked:
            value = self.cleaned_data.get(item.id)
            empty = value is None or value == ""
            if item.id in self.kept and empty and not self.cleaned_data.get(CLEAR + item.id):
                continue
            values[item.id] = None if empty else value
        return values


class ExportForm(forms.Form):
    """What the copy is for, where it goes, and whether values are asked in clear."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=400)
    purpose = forms.CharField(
        label=gettext_lazy("What is it for?"),
        help_text=gettext_lazy("Kept in the record with the export. Name the task, not people."),
        min_length=5,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    target = forms.ChoiceField(
        label=gettext_lazy("Where does the file go?"),
        help_text=gettext_lazy("The law of that place decides whether personal data may leave."),
    )
    raw = forms.BooleanField(
        label=gettext_lazy("Protected values in clear"),
        help_text=gettext_lazy("Otherwise they are replaced by tokens: equal values have equal tokens."),
        required=False,
    )

    def __init__(
        self, *args: Any, regions: Sequence[tuple[str, str]], offer_raw: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = list(regions)  # type: ignore[attr-defined]
        if not offer_raw:
            del self.fields["raw"]

    def values(self) -> dict[str, Any]:
        """Purpose, target and raw as services.request_export takes them."""
        return {
            "purpose": self.cleaned_data["purpose"].strip(),
            "target": self.cleaned_data["target"],
            "raw": bool(self.cleaned_data.get("raw", False)),
        }


def _warning(item: LiveField) -> str:
    return str(FREE_TEXT_WARNING) if is_open_text(item) else ""
