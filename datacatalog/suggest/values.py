"""Signs in example values: whole columns against patterns, vocabularies and numbers with check digits.

A single value proves little (any-module checks take 98 % of random numbers); a column of one kind does.
"""

import math
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban, luhn

from datacatalog.masking import Kind
from datacatalog.suggest import rules
from datacatalog.suggest.column import Column, is_device, public_ip
from datacatalog.suggest.signs import Suggestion
from datacatalog.suggest.words import plain, squash

SHARE = 0.6  # of the examples that must look like something
ALL = 0.9  # ... of numbers: a column has one kind
CHANCE = 1e-3  # how unlikely by chance a column of numbers must be, without a word of its name
HINTED = 0.05  # ... and with one
_CARD = re.compile(
    r"(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35\d{14}|3(?:0[0-5]|[68]\d)\d{11})"
)
_CARD_ODDS = 0.02
LEAST_DIGITS = 5  # of a number with a check digit
FIRST_LOOK = 6
# where a number may come from whose country is not written
REGIONS = (
    "US DE FR GB ES IT PL BR JP NL SE TR RU MX IN CN KR AT CH BE PT DK NO FI CZ HU RO GR UA AU CA AR ZA"
).split()
_PHONE = re.compile(r"\+?\(?\d[\d\s()./-]{5,20}\d(?: ?x\d+)?")
_ONE_FORM = re.compile(r"\d{3}-\d{3}-\d{4}|0\d{1,4}-\d{1,4}-\d{4}")
_APART = re.compile(r"[\s()/-]")
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}/\d{2}/\d{2}|\d{4}-\d{4}")


def signs_of(column: Column, name: str, dataset: str = "") -> Iterator[Suggestion]:
    """What the values say; `name` and `dataset` are squashed and only give reasons to look closer."""
    if not column.values or column.flags:
        return
    yield from _plain_kinds(column)
    yield from _numbers(column, name)
    yield from _patterns(column)
    yield from _vocabularies(column)
    yield from _people_and_places(column, name, dataset)


def _plain_kinds(column: Column) -> Iterator[Suggestion]:
    if column.share(is_email) >= SHARE:
        yield Suggestion("pii", "values_email", 0.9, Kind.EMAIL)
    if column.share(is_international_phone) >= SHARE or _national_phones(column):
        yield Suggestion("pii", "values_phone", 0.85, Kind.PHONE)
    if column.share(lambda value: value[:2].isalpha() and iban.is_valid(value)) >= SHARE:
        yield Suggestion("pii", "values_iban", 0.9, Kind.IBAN)
    cards = [value for value in column.distinct if is_card(value)]
    if column.share(is_card) >= SHARE and _unlikely(_CARD_ODDS, len(cards), CHANCE):
        yield Suggestion("card", "values_card", 0.9, Kind.CARD)
    if column.share(public_ip) >= SHARE:
        yield Suggestion("pii", "values_ip", 0.8)


def _numbers(column: Column, name: str) -> Iterator[Suggestion]:
    if column.share(lambda value: sum(letter.isdigit() for letter in value) >= LEAST_DIGITS) < SHARE:
        return
    for rule in rules.values()["numbers"]:
        hinted = any(hint in name for hint in rule["hints"])
        if (rule["odds"] == 1 or rule.get("strict")) and not hinted:
            continue
        valid = _valid_of(rule, column.distinct)
        share = valid / len(column.distinct)
        sure = hinted if rule["odds"] == 1 else _unlikely(rule["odds"], valid, HINTED if hinted else CHANCE)
        if share >= (SHARE if hinted else ALL) and sure:
            yield Suggestion(rule["classification"], "values_number", 0.95 if hinted else 0.85)
            return


def _valid_of(rule: dict[str, Any], values: list[str]) -> int:
    """How many of `values` the rule takes; 0 as soon as the first few are mostly others."""
    like = re.compile(rule.get("like", ".*"))
    module, valid = _module(rule["module"]), 0
    for count, value in enumerate(values, 1):
        valid += bool(like.fullmatch(value)) and _valid(module, value)
        if count == FIRST_LOOK and valid < FIRST_LOOK / 2:
            return 0
    return valid


def _unlikely(odds: float, times: int, limit: float) -> bool:
    """Whether `times` numbers of that odds are less likely by chance than `limit`."""
    return times * math.log(odds) <= math.log(limit)


def _patterns(column: Column) -> Iterator[Suggestion]:
    for rule in rules.values()["patterns"]:
        if "like" in rule:
            share = column.share(re.compile(rule["like"]).fullmatch)
        else:
            share = column.share(re.compile(rule["part"]).search)
        if share >= SHARE:
            yield Suggestion(rule["classification"], f"values_{rule['id']}", rule["confidence"], rule["kind"])


def _vocabularies(column: Column) -> Iterator[Suggestion]:
    have = {plain(value) for value in column.distinct}
    for rule in rules.values()["vocabularies"]:
        known = _vocabulary(rule["id"])
        if len(have) >= 2 and len(have & known) >= 2 and len(have & known) / len(have) >= 0.75:
            yield Suggestion(rule["classification"], f"values_{rule['id']}", rule["confidence"])


def _people_and_places(column: Column, name: str, dataset: str) -> Iterator[Suggestion]:
    about_thing = bool(_thing(name)) or any(part in dataset for part in _thing_datasets())
    if column.prose:
        if column.share(_holds_contact) >= 0.1:
            yield Suggestion("pii", "text_contacts", 0.7, Kind.FREE_TEXT)
        elif column.mentions >= 0.3 and not about_thing:
            yield Suggestion("pii", "text_names", 0.6, Kind.FREE_TEXT)
    elif not about_thing and _are_people(column):
        yield Suggestion("pii", "values_name", round(min(0.85, 0.5 + column.persons / 3), 2), Kind.NAME)
    if column.addresses >= SHARE and not about_thing:
        yield Suggestion("pii", "values_address", 0.75)


def _are_people(column: Column) -> bool:
    """Many common names, or some among values that are all shaped like a full name and differ."""
    if column.companies >= 0.3 or len(column.distinct) < 2:
        return False
    differ = len(column.distinct) / len(column.values)
    if column.named >= 0.8 and differ >= 0.7:
        return column.persons >= 0.25
    return column.persons >= (0.3 if differ >= 0.8 else 0.4) and differ >= 0.4


def _thing(name: str) -> str:
    return next((word for word in _things() if word in name), "")


@cache
def _things() -> tuple[str, ...]:
    return tuple(word for word in rules.squashed(rules.headers()["things"]) if len(word) > 3)


@cache
def _thing_datasets() -> tuple[str, ...]:
    return rules.squashed(rules.headers()["thing_datasets"])


def _holds_contact(value: str) -> bool:
    return bool(
        re.search(r"[\w.+-]+@[\w-]+\.\w{2,}", value)
        or re.search(r"\+\d[\d ()-]{7,}\d|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b", value)
    )


def is_email(value: str) -> bool:
    """An address of mail, whether or not somebody reads it."""
    if "@" not in value or len(value) > 320:
        return False
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def is_international_phone(value: str) -> bool:
    """With + and a country: without one any long number would do."""
    if not value.startswith(("+", "00")):
        return False
    return _is_phone(("+" + value[2:]) if value.startswith("00") else value, None)


def _national_phones(column: Column) -> bool:
    """Numbers written as people write them, valid in one and the same country."""
    shaped = [
        value for value in column.distinct if _PHONE.fullmatch(value) and not _DATE_LIKE.fullmatch(value)
    ]
    if len(shaped) < 2 or len(shaped) / len(column.distinct) < ALL:
        return False
    apart = [value for value in shaped if _APART.search(value)]
    if len(apart) / len(shaped) < SHARE:
        return False
    forms = {re.sub(r"\d", "9", value) for value in shaped}
    if len(forms) == 1 and "(" not in shaped[0] and not all(_ONE_FORM.fullmatch(value) for value in shaped):
        return False  # one form for all that no country writes: codes are so
    return any(sum(_is_phone(value, region) for value in shaped) / len(shaped) >= SHARE for region in REGIONS)


def _is_phone(value: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        return False


def is_card(value: str) -> bool:
    """Length and first digits of the schemes, and check digit: one in fifty random numbers passes."""
    digits = value.replace(" ", "").replace("-", "")
    return bool(_CARD.fullmatch(digits)) and bool(luhn.is_valid(digits))


@cache
def _module(name: str) -> ModuleType:
    return import_module(f"stdnum.{name}")  # the rules name it


def _valid(module: Any, value: str) -> bool:
    try:
        return bool(module.is_valid(value))
    except Exception:  # noqa: BLE001 - some modules stumble over what they have no table for
        return False


@cache
def _vocabulary(rule: str) -> frozenset[str]:
    found = next(row for row in rules.values()["vocabularies"] if row["id"] == rule)
    return frozenset(plain(word) for word in found["words"])


__all__ = ["is_card", "is_device", "is_email", "signs_of", "squash"]
