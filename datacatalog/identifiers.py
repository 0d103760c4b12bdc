"""By what a person is found: a value as it may be written in a record (D6). No Django.

Fields compare after vault.keys.normalise (case, width, white space); here are the forms that are different
values all the same: a phone number with and without its country code.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

import phonenumbers

_WRITTEN = re.compile(r"[0-9 ()./+-]{5,40}")
_NOT_DIGIT = re.compile(r"\D+")


class IdentifierKind(StrEnum):
    """What an identifier is."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    OTHER = "other"


class NoPhoneNumber(ValueError):
    """The text is none; it is not a part of the message."""


class ImpossibleNumber(NoPhoneNumber):
    """It has a country code, and no number there is so long."""


@dataclass(frozen=True)
class Identifier:
    """One value that names a person. Never logged: it has no readable form."""

    kind: IdentifierKind
    value: str = field(repr=False)

    @property
    def forms(self) -> tuple[str, ...]:
        """How it may be stored."""
        text = " ".join(self.value.split())
        return _phone_forms(text) if self.kind is IdentifierKind.PHONE else (text,)


def phone_number(text: str) -> str:
    """`text` as it is stored: E.164 if it has a country code, else as written, with single spaces.

    Raises:
        NoPhoneNumber, ImpossibleNumber: it is none.
    """
    if not _WRITTEN.fullmatch(text):
        raise NoPhoneNumber
    if not text.startswith(("+", "00")):
        return " ".join(text.split())
    return phonenumbers.format_number(_parsed(text), phonenumbers.PhoneNumberFormat.E164)


def _parsed(text: str) -> phonenumbers.PhoneNumber:
    try:
        number = phonenumbers.parse("+" + text.removeprefix("+").removeprefix("00"))
    except phonenumbers.NumberParseException:
        raise ImpossibleNumber from None
    if not phonenumbers.is_possible_number(number):
        raise ImpossibleNumber
    return number


def _phone_forms(text: str) -> tuple[str, ...]:
    """E.164, and as it is written inside the country; without a country code as given and in one piece."""
    forms = {text, _NOT_DIGIT.sub("", text)}
    if text.startswith(("+", "00")):
        try:
            number = _parsed(text)
        except NoPhoneNumber:
            return tuple(sorted(forms))
        inside = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        outside = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        forms |= {phone_number(text), inside, _NOT_DIGIT.sub("", inside), outside}
    return tuple(sorted(forms - {""}))
