"""Masks: what a person may see of a value that they may not see. Pure functions, a column at a time.

A decision's obligations say which field is masked by which method (`{"field": id, "method": "partial"}`);
how a part is shown follows from the kind of value. A mask never tells the length of what it hides.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, cast

from datacatalog.specs import FieldType

DOTS = "•••"
MIN_CARD_DIGITS = 12
MIN_PHONE_DIGITS = 7
MIN_IBAN_LENGTH = 15

MIN_POSTCODE = 4

_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
_NOT_DIGIT = re.compile(r"\D+")


class Method(StrEnum):
    """How a value is masked, the mildest first."""

    PARTIAL = "partial"  # a part that tells people apart
    GENERALISE = "generalise"  # the range that it lies in: year, band of numbers, postcode area
    TOKEN = "token"  # noqa: S105 - the same for equal values, so that they can be counted and joined
    HIDE = "hide"  # nothing at all


class Kind(StrEnum):
    """What a value is, as far as its mask depends on it."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    CARD = "card"
    IBAN = "iban"
    DATE = "date"
    NUMBER = "number"
    POSTCODE = "postcode"
    FREE_TEXT = "free_text"
    OTHER = "other"


Tokens = Callable[[str, Sequence[str]], Sequence[str]]  # (field id, texts) -> one token a text


def methods_of(obligations: Iterable[Mapping[str, str]]) -> dict[str, Method]:
    """Field id -> method. A method that is not known hides; of several for a field the strictest wins."""
    methods: dict[str, Method] = {}
    for item in obligations:
        asked = item.get("method")
        method = Method(asked) if asked in set(Method) else Method.HIDE
        field = item["field"]
        methods[field] = stricter(methods.get(field, Method.PARTIAL), method)
    return methods


def stricter(one: Method, other: Method) -> Method:
    """That of both which tells less."""
    return max(one, other, key=list(Method).index)


def apply(
    columns: Mapping[str, Sequence[Any]],
    obligations: Iterable[Mapping[str, str]],
    kinds: Mapping[str, Kind],
    tokens: Tokens | None = None,
) -> dict[str, list[Any]]:
    """`columns` (by field id) with those masked that the obligations name; the others as they are.

    `tokens` makes tokens of a field's values (sealing.tokens); without it TOKEN hides.
    """
    methods = methods_of(obligations)
    return {
        field: mask_column(
            values,
            kind=kinds.get(field, Kind.OTHER),
            method=methods[field],
            tokens=None if tokens is None else lambda texts, field=field: tokens(field, texts),  # type: ignore[misc]
        )
        if field in methods
        else list(values)
        for field, values in columns.items()
    }


def mask_column(
    values: Sequence[Any],
    *,
    kind: Kind,
    method: Method,
    tokens: Callable[[Sequence[str]], Sequence[str]] | None = None,
) -> list[str | None]:
    """Masked texts of `values`; what is empty stays None, so that a gap still shows as one."""
    whole = set(map(type, values)) == {str} and "" not in values
    texts = cast("Sequence[str]", values) if whole else [str(one) for one in values if one not in (None, "")]
    if method is Method.TOKEN and tokens is not None:
        made = tokens(texts)
    else:
        made = _HOW.get(method, {}).get(kind, _hide)(texts)
    if whole:
        return list(made)
    rest = iter(made)
    return [None if value in (None, "") else next(rest) for value in values]


def kind_of(type_: FieldType, hint: str = "") -> Kind:
    """The kind of a field's values: `hint` is what its suggestion found (suggest.Suggestion.kind)."""
    by_type = {
        FieldType.EMAIL: Kind.EMAIL,
        FieldType.PHONE: Kind.PHONE,
        FieldType.DATE: Kind.DATE,
        FieldType.DATETIME: Kind.DATE,
        FieldType.INTEGER: Kind.NUMBER,
        FieldType.MONEY: Kind.NUMBER,
        FieldType.LONG_TEXT: Kind.FREE_TEXT,
    }
    if type_ in by_type:
        return by_type[type_]
    return Kind(hint) if hint in set(Kind) else Kind.OTHER


# -- a part of each kind: texts in, none of them empty, as many out ---------------------------------------


def _hide(texts: Sequence[str]) -> list[str]:
    return [DOTS] * len(texts)


def _email(texts: Sequence[str]) -> list[str]:
    """First letter and top-level domain: l•••@•••.example."""
    return [_one_email(*text.rpartition("@")) for text in texts]


def _one_email(local: str, at: str, domain: str) -> str:
    if not at or not local:
        return DOTS
    first = local[0] if len(local) > 2 else ""
    _name, dot, top = domain.rpartition(".")
    return f"{first}{DOTS}@{DOTS}.{top}" if dot else f"{first}{DOTS}@{DOTS}"


def _phone(texts: Sequence[str]) -> list[str]:
    """The last two digits."""
    return _last_digits(texts, 2, MIN_PHONE_DIGITS)


def _card(texts: Sequence[str]) -> list[str]:
    """The last four digits, as PCI DSS 3.4 allows on display."""
    return _last_digits(texts, 4, MIN_CARD_DIGITS)


def _last_digits(texts: Sequence[str], kept: int, least: int) -> list[str]:
    digits = [
        text[1:] if text[1:].isdecimal() and text[0] == "+" else _NOT_DIGIT.sub("", text) for text in texts
    ]
    return [f"{DOTS} {one[-kept:]}" if len(one) >= least else DOTS for one in digits]


def _name(texts: Sequence[str]) -> list[str]:
    """The first letter of each word, of three words at most."""
    return [
        " ".join([f"{word[0]}{DOTS}" if len(word) > 1 else DOTS for word in text.split(None, 3)[:3]]) or DOTS
        for text in texts
    ]


def _iban(texts: Sequence[str]) -> list[str]:
    """Country and last four characters."""
    packed = ["".join(text.split()) for text in texts]
    return [f"{one[:2]}{DOTS} {one[-4:]}" if len(one) >= MIN_IBAN_LENGTH else DOTS for one in packed]


def _date(texts: Sequence[str]) -> list[str]:
    """The year of an ISO 8601 date."""
    least = len("1990-05-17")
    return [f"{text[:4]}-••-••" if len(text) >= least and text[:4].isdigit() else DOTS for text in texts]


# -- the range that it lies in -----------------------------------------------------------------------------


def _band(texts: Sequence[str]) -> list[str]:
    """The ten, hundred, thousand … that a whole number lies in: 4711 is in 4000–4999."""
    return [_one_band(int(text)) if _WHOLE.fullmatch(text) else DOTS for text in texts]


def _one_band(number: int) -> str:
    width = max(10, 10 ** (len(str(abs(number))) - 1))
    low = number // width * width
    return f"{low}–{low + width - 1}"


def _area(texts: Sequence[str]) -> list[str]:
    """The first two letters or digits of a postcode."""
    return [f"{text[:2]}{DOTS}" if len(text) >= MIN_POSTCODE else DOTS for text in map(str.strip, texts)]


# What is named nowhere is hidden.
_HOW: dict[Method, dict[Kind, Callable[[Sequence[str]], list[str]]]] = {
    Method.PARTIAL: {
        Kind.EMAIL: _email,
        Kind.PHONE: _phone,
        Kind.NAME: _name,
        Kind.CARD: _card,
        Kind.IBAN: _iban,
        Kind.DATE: _date,
        Kind.POSTCODE: _area,
    },
    Method.GENERALISE: {Kind.DATE: _date, Kind.NUMBER: _band, Kind.POSTCODE: _area},
}
