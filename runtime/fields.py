"""From a manifest's field types to Django's form fields: one maker a type."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.manifest import FieldType
from datacatalog.identifiers import ImpossibleNumber, NoPhoneNumber, phone_number
from runtime.values import MINOR_UNITS

MAX_TEXT = 500
MAX_LONG_TEXT = 10_000
BIGINT = 2**63 - 1
_no_control = RegexValidator(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]",
    message=gettext_lazy("This holds characters that cannot be stored. Type it again."),
    inverse_match=True,
)


class Described(Protocol):
    """What is needed of a field to ask for its value."""

    @property
    def type(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def options(self) -> tuple[str, ...]: ...


class MoneyField(forms.DecimalField):
    """Shown with two decimals, stored as whole minor units (cents)."""

    def __init__(self, **kwargs: Any) -> None:
        limit = Decimal(BIGINT) // MINOR_UNITS
        super().__init__(decimal_places=2, max_value=limit, min_value=-limit, **kwargs)

    def clean(self, value: Any) -> Any:
        """The amount in minor units, or None."""
        amount = super().clean(value)
        return None if amount is None else int(amount * MINOR_UNITS)

    def prepare_value(self, value: Any) -> Any:
        """Minor units back to what a person types; text that was typed stays."""
        return f"{Decimal(value) / MINOR_UNITS:.2f}" if isinstance(value, int) else value


class PhoneField(forms.CharField):
    """With a country code it is checked and stored as E.164, so that equal numbers are found as equal."""

    def clean(self, value: Any) -> Any:
        """The number, or an empty text."""
        text = super().clean(value)
        if not text:
            return text
        try:
            return phone_number(text)
        except ImpossibleNumber:
            raise ValidationError(
                _("No phone number has this country code and length. Check the digits."), code="invalid"
            ) from None
        except NoPhoneNumber:
            raise ValidationError(
                _("Write a phone number, best with its country code: +49 30 1234567."), code="invalid"
            ) from None


def form_field(item: Described, *, required: bool | None = None, help_text: str = "") -> forms.Field:
    """The form field that asks for a value of `item`; `required` overrides the manifest's word."""
    must = item.required if required is None else required
    return _MAKERS[FieldType(item.type)](
        item, {"label": item.label, "required": must, "help_text": help_text}
    )


Given = dict[str, Any]


def _text(_item: Described, given: Given) -> forms.Field:
    return forms.CharField(max_length=MAX_TEXT, validators=[_no_control], **given)


def _long_text(_item: Described, given: Given) -> forms.Field:
    return forms.CharField(
        max_length=MAX_LONG_TEXT, validators=[_no_control], widget=forms.Textarea(attrs={"rows": 4}), **given
    )


def _email(_item: Described, given: Given) -> forms.Field:
    return forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "off"}), **given)


def _phone(_item: Described, given: Given) -> forms.Field:
    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    return PhoneField(max_length=40, widget=widget, **given)


def _url(_item: Described, given: Given) -> forms.Field:
    return forms.URLField(max_length=2000, assume_scheme="https", validators=[_web_only], **given)


def _integer(_item: Described, given: Given) -> forms.Field:
    return forms.IntegerField(min_value=-BIGINT, max_value=BIGINT, **given)


def _money(_item: Described, given: Given) -> forms.Field:
    return MoneyField(widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}), **given)


def _date(_item: Described, given: Given) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **given)


def _datetime(_item: Described, given: Given) -> forms.Field:
    zone = _("In the time zone %(zone)s.") % {"zone": timezone.get_current_timezone_name()}
    given["help_text"] = f"{given['help_text']} {zone}".strip()
    form = "%Y-%m-%dT%H:%M"
    widget = forms.DateTimeInput(format=form, attrs={"type": "datetime-local"})
    return forms.DateTimeField(widget=widget, input_formats=[form, "%Y-%m-%dT%H:%M:%S"], **given)


def _boolean(item: Described, given: Given) -> forms.Field:
    """A required one has to be answered, and "no" is an answer: two buttons, none chosen before."""
    if not item.required and given["required"] is False:
        return forms.BooleanField(**given)
    return forms.TypedChoiceField(
        choices=[("true", _("Yes")), ("false", _("No"))],
        coerce=lambda text: text == "true",
        empty_value=None,
        widget=forms.RadioSelect,
        **given,
    )


def _choice(item: Described, given: Given) -> forms.Field:
    blank = [("", _("Choose…") if given["required"] else "—")]
    return forms.ChoiceField(choices=blank + [(option, option) for option in item.options], **given)


def _web_only(value: str) -> None:
    if not value.lower().startswith(("https://", "http://")):
        raise ValidationError(_("Write an address that begins with https://."), code="invalid")


_MAKERS: Mapping[FieldType, Callable[[Described, Given], forms.Field]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _long_text,
    FieldType.EMAIL: _email,
    FieldType.PHONE: _phone,
    FieldType.URL: _url,
    FieldType.INTEGER: _integer,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.BOOLEAN: _boolean,
    FieldType.CHOICE: _choice,
}

FREE_TEXT_WARNING: Promise = gettext_lazy(
    "Free text: write no personal data, passwords or keys here. It is not encrypted and everybody "
    "who may open the list reads it."
)
