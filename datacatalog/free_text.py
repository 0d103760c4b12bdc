"""What does not belong in a free text: addresses of mail, phone numbers, card numbers and IBANs that a person
typed into it (D5). The text is looked at when it is entered; what is kept of the look is a count.

Pure: no database, no network. Check digits (Luhn, mod 97) and libraries decide, so that an order number is
not taken for a card.
"""

import re
from collections import Counter
from collections.abc import Iterator

import phonenumbers
from stdnum import iban

from datacatalog.masking import Kind
from datacatalog.suggest.values import is_card, is_email

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+\.[^\W\d_]{2,}")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?!\w)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b", re.IGNORECASE)


def kinds_in(text: str) -> Counter[Kind]:
    """Kind -> how many of it `text` holds."""
    return Counter(_kinds(text))


def _kinds(text: str) -> Iterator[Kind]:
    yield from (Kind.EMAIL for found in _EMAIL.findall(text) if is_email(found.rstrip(".")))
    yield from (Kind.IBAN for found in _IBAN.findall(text) if _is_iban(found))
    without = _IBAN.sub(" ", text)  # its digits are neither card nor phone
    yield from (Kind.CARD for found in _CARD.findall(without) if is_card(found))
    yield from (Kind.PHONE for _found in phonenumbers.PhoneNumberMatcher(_CARD.sub(" ", without), None))


def _is_iban(found: str) -> bool:
    """A word that follows may look like its end: words are left off until the check digits fit."""
    words = found.split()
    return any(iban.is_valid("".join(words[:count])) for count in range(len(words), 0, -1))
