"""What a column's example values look like: shares, looked at once and kept nowhere."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Final

from datacatalog.suggest import rules
from datacatalog.suggest.words import plain

EXAMPLES = 50
_DIGITS = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[^\s,;.()/\"“”„!?:]+")
_HIDDEN = re.compile(r"^[0-9a-f-]{32,}$|^[A-Za-z0-9+/_=-]{40,}$|^tok_|[*•xX]{3}")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,4}年.*|\d{4}-\d\d-\d\d[T ].*"
)
_PERSON = re.compile(r"[^\W\d_][^\W\d_]*(?:[ ,.'’\u3000-]+[^\W\d_]+)*\.?")
_JOINED = re.compile(r"\b(?:and|und|et|e|y|en|og|och|ve|и)\b|&")
_CYRILLIC_FAMILY = re.compile(r"(?:ов|ова|ев|ева|ёв|ёва|ин|ина|ский|ская|ович|евич|овна|евна|енко|чук)$")
_HAN = re.compile(r"^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+$")
_KANA = re.compile(r"^[\u30a0-\u30ff\s]+$")
_YES_NO = {
    "true",
    "false",
    "yes",
    "no",
    "y",
    "n",
    "t",
    "f",
    "0",
    "1",
    "on",
    "off",
    "ja",
    "nein",
    "oui",
    "non",
    "si",
}
MAX_AGE: Final = 125


class Column:
    """The values of one column that are not empty, fifty at most."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = [text for value in values[:EXAMPLES] if (text := value.strip())]
        self.distinct = list(dict.fromkeys(self.values))

    def share(self, looks: Callable[[str], object]) -> float:
        """Of the values, those that look like something; 0 without values."""
        return sum(bool(looks(value)) for value in self.values) / len(self.values) if self.values else 0.0

    def doubts(self, shape: str) -> bool:
        """Whether the values cannot be what a name says; never for what is hashed, masked or missing."""
        look = _SHAPES.get(shape)
        if look is None or len(self.values) < 2 or self.share(_HIDDEN.search) > 0.3:
            return False
        return self.share(lambda value: look(self, value)) < 0.34

    @cached_property
    def flags(self) -> bool:
        """Nothing but yes and no."""
        return bool(self.values) and all(value.casefold() in _YES_NO for value in self.values)

    @cached_property
    def prose(self) -> bool:
        """Texts of several words."""
        count = [len(value.split()) for value in self.values]
        return bool(count) and sum(count) / len(count) >= 5

    @cached_property
    def persons(self) -> float:
        """The share of values that are shaped like a person's name and hold one that is common somewhere."""
        return self.share(is_person)

    @cached_property
    def named(self) -> float:
        """The share of values that are shaped like a full name, common or not."""
        return self.share(is_named)

    @cached_property
    def companies(self) -> float:
        """The share of values that end like a company's name."""
        endings = _endings()
        return self.share(lambda value: _ends_like_company(value, endings))

    @cached_property
    def mentions(self) -> float:
        """The share of texts that name somebody: a common name with a capital, inside other words."""
        return self.share(_mentions)

    @cached_property
    def addresses(self) -> float:
        """The share of values that have a street's word and a number."""
        return self.share(is_address)


def is_named(value: str) -> bool:
    """Whether a value has the shape of a person's full name: two to six words with capitals."""
    parts = [part for part in re.split(r"[ ,.\u3000]+", value) if part]
    capitals = sum(part[0].isupper() for part in parts)
    return 2 <= len(parts) <= 6 and capitals >= len(parts) - 2 and capitals >= 2 and _shaped(value)


def is_person(value: str) -> bool:
    """Whether a value has the shape of a name and a part of it is common somewhere."""
    if not _shaped(value):
        return False
    known = rules.names()
    bare = value.replace(" ", "").replace("\u3000", "")
    if _HAN.match(bare):
        return 2 <= len(bare) <= 6 and any(bare[:n] in known for n in (3, 2, 1))
    if not (value[0].isupper() or value.istitle()):
        return False
    parts = [part for part in re.split(r"[ ,.'’\-]+", plain(value)) if part]
    return any(
        part in known or part in _titles() or (len(part) > 4 and _CYRILLIC_FAMILY.search(part))
        for part in parts
    )


def _shaped(value: str) -> bool:
    return len(value) <= 60 and bool(_PERSON.fullmatch(value)) and not _JOINED.search(value.casefold())


def is_place(value: str) -> bool:
    """Anything that an address may be: text that is no address of a computer, of a page or of mail."""
    return (
        bool(_LETTERS.search(value)) and "@" not in value and "://" not in value and public_ip(value) is None
    )


def is_address(value: str) -> bool:
    """A street's word with a number."""
    if not _DIGITS.search(value) or len(value) > 200 or "://" in value or "@" in value:
        return False
    streets, endings, marks = _streets()
    parts = [plain(part) for part in _WORDS.findall(value)]
    if not any(part[0].isdigit() or part[-1].isdigit() for part in parts if part):
        return sum(mark in value for mark in marks) >= 2
    by_word = any(part in streets for part in parts) and len(parts) >= 3
    by_ending = any(len(part) > len(end) + 2 and part.endswith(end) for part in parts for end in endings)
    return by_word or (by_ending and len(parts) >= 2) or sum(mark in value for mark in marks) >= 2


def is_device(value: str) -> bool:
    """An address of the network, a hardware address, an IMEI, a browser's words."""
    bare = value.replace(" ", "")
    return bool(
        public_ip(value)
        or re.fullmatch(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", value)
        or (bare.isdigit() and len(bare) in {14, 15, 16})
        or "Mozilla/" in value
        or re.fullmatch(r"[0-9A-Fa-f-]{8,}|[\w-]{12,}", value)
    )


def public_ip(value: str) -> bool | None:
    """Whether an address of the network can be anybody's; None if it is none."""
    if "." not in value and ":" not in value:
        return None
    try:
        return ipaddress.ip_address(value).is_global
    except ValueError:
        return None


def _digits(value: str) -> int:
    return len(_DIGITS.findall(value))


def _mostly_letters(value: str) -> bool:
    letters = len(_LETTERS.findall(value))
    return letters > 0 and letters >= 3 * _digits(value)


def _mentions(value: str) -> bool:
    known = rules.names()
    words = _WORDS.findall(value)
    return any(
        (word[0].isupper() and word[1:].islower() and len(word) > 2 and plain(word) in known)
        or (len(word) > 3 and word[0].isupper() and bool(_CYRILLIC_FAMILY.search(word.lower())))
        for word in words[1:]
    )


def _ends_like_company(value: str, endings: frozenset[str]) -> bool:
    parts = [plain(part).replace(".", "") for part in re.split(r"[\s,]+", value) if part]
    if any(mark in value for mark in ("株式会社", "有限会社", "公司", "주식회사")):
        return True
    return len(parts) > 1 and (
        parts[-1] in endings or parts[0] in {"ооо", "зао", "оао", "ип", "ао", "пао", "нпо"}
    )


@cache
def _titles() -> frozenset[str]:
    return frozenset(plain(one) for one in rules.values()["titles"])


@cache
def _endings() -> frozenset[str]:
    return frozenset(plain(one) for one in rules.values()["companies"])


@cache
def _streets() -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    data = rules.values()
    return frozenset(data["streets"]), tuple(data["street_endings"]), tuple(data["street_marks"])


_Look = Callable[[Column, str], object]
_SHAPES: dict[str, _Look] = {
    "email": lambda _column, value: "@" in value,
    "phone": lambda _column, value: (
        _digits(value) >= 5 and len(_LETTERS.findall(value)) <= 4 and not _DATE.fullmatch(value)
    ),
    "card": lambda _column, value: _digits(value) >= 12 or (_digits(value) == 4 and len(value) > 4),
    "iban": lambda _column, value: value[:2].isalpha() and _digits(value) >= 10,
    "date": lambda column, value: _digits(value) >= 4 and not column.flags,
    "age": lambda _column, value: (value.isdigit() and int(value) <= MAX_AGE) or "-" in value,
    "name": lambda column, value: (
        _mostly_letters(value) and not column.flags and not column.companies > 0.5 and not column.prose
    ),
    "person": lambda column, _value: (
        column.persons >= 0.2 and not column.companies > 0.5 and not column.prose
    ),
    "text": lambda column, value: bool(_LETTERS.search(value)) and not column.flags,
    "words": lambda column, value: len(value.split()) > 1 and not column.flags,
    "code": lambda column, value: (
        len(value) >= 4 and not value.isalpha() and not column.flags and not column.prose
    ),
    "number": lambda _column, value: _digits(value) >= 2,
    "place": lambda column, value: is_place(value) and not column.flags,
    "device": lambda _column, value: is_device(value),
}
