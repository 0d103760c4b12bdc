"""A suggested class for a field, with the reason and how sure it is; a person confirms (D2).

Signs come from the name (rules/headers.yaml), the source's own words, the type, the description, and
example values, which are looked at and never kept. Pure: no database, no network.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban, luhn

from datacatalog.masking import Kind
from datacatalog.safe_yaml import parse
from datacatalog.schemes import CLASSIFICATIONS, CONTRACT_CLASSIFICATIONS
from datacatalog.specs import FieldType

RULES = Path(__file__).parent / "rules" / "headers.yaml"
SURE = 0.5  # from here on the higher level wins, below the higher confidence
SHARE = 0.6  # of the examples that must look like something
EXAMPLES = 50
LEVELS = {seed.code: seed.level for seed in CLASSIFICATIONS}

_KEY = re.compile(r"\b(primary|foreign) key\b", re.IGNORECASE)
_NOT_NAME = re.compile(r"[^0-9a-zà-öø-ÿ]+")
_BINARY = re.compile(r"bytea|blob|binary|image", re.IGNORECASE)
_CARD_DIGITS = range(13, 20)


@dataclass(frozen=True)
class Signs:
    """What is known of a field before anyone has tagged it."""

    name: str
    dataset: str = ""
    type: FieldType = FieldType.TEXT
    description: str = ""
    source_type: str = ""
    declared: str = ""
    tags: Sequence[str] = ()
    examples: Sequence[str] = ()


@dataclass(frozen=True)
class Suggestion:
    """`reason` and `params` are put into words by reasons.explain()."""

    classification: str
    reason: str
    confidence: float
    kind: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As it is stored with the field."""
        return {
            "classification": self.classification,
            "reason": self.reason,
            "params": dict(self.params),
            "confidence": self.confidence,
            "kind": self.kind,
        }


def suggest(signs: Signs, levels: Mapping[str, int] = LEVELS) -> Suggestion | None:
    """The class that the signs speak for; None only if `levels` (code -> level) knows none of them."""
    found = [item for item in _candidates(signs) if item.classification in levels]
    return max(found, key=lambda item: _weight(item, levels), default=None)


def _weight(item: Suggestion, levels: Mapping[str, int]) -> tuple[bool, float, float]:
    level = levels[item.classification]
    if item.confidence >= SURE:
        return (True, level, item.confidence)
    return (False, item.confidence, level)


def _candidates(signs: Signs) -> Iterator[Suggestion]:
    yield Suggestion("internal", "no_sign", 0.3)
    yield from _declared(signs)
    yield from _by_name(signs)
    yield from _by_type(signs)
    yield from _by_description(signs)
    yield from _by_examples(signs)


def _declared(signs: Signs) -> Iterator[Suggestion]:
    ours = CONTRACT_CLASSIFICATIONS.get(signs.declared.strip().lower())
    if ours:
        yield Suggestion(ours, "declared", 0.9, params={"word": signs.declared.strip()})
    for tag in signs.tags:
        ours = CONTRACT_CLASSIFICATIONS.get(tag.strip().lower())
        if ours:
            yield Suggestion(ours, "tagged", 0.7, params={"word": tag.strip()})


def _by_name(signs: Signs) -> Iterator[Suggestion]:
    rules, name, dataset = _rules(), squash(signs.name), squash(signs.dataset)
    if name.endswith("id") and not any(key in name for key in rules["keys"]):
        return
    for rule in rules["rules"]:
        word = _hit(rule, name)
        if word is None or not _fits(rule, dataset):
            continue
        reason = rule.get("reason", "name_is" if word == name else "name_contains")
        yield Suggestion(
            rule["classification"], reason, rule["confidence"], rule.get("kind", ""), {"word": word}
        )


def _hit(rule: Mapping[str, Any], name: str) -> str | None:
    """The part of the rule that the name shows."""
    if any(part in name for part in rule.get("without", ())):
        return None
    if name in rule.get("exact", ()):
        return name
    return next((part for part in rule.get("contains", ()) if part in name), None)


def _fits(rule: Mapping[str, Any], dataset: str) -> bool:
    if any(part in dataset for part in rule.get("dataset_without", ())):
        return False
    return "dataset" not in rule or any(part in dataset for part in rule["dataset"])


def _by_type(signs: Signs) -> Iterator[Suggestion]:
    if signs.type is FieldType.EMAIL:
        yield Suggestion("pii", "type", 0.9, Kind.EMAIL)
    elif signs.type is FieldType.PHONE:
        yield Suggestion("pii", "type", 0.9, Kind.PHONE)
    elif signs.type is FieldType.LONG_TEXT and not _BINARY.search(signs.source_type):
        yield Suggestion("pii", "free_text", 0.45, Kind.FREE_TEXT)


def _by_description(signs: Signs) -> Iterator[Suggestion]:
    text = signs.description.lower()
    if _KEY.search(text):
        return
    for rule in _rules()["descriptions"]:
        word = next((word for word in rule["words"] if word in text), None)
        if word:
            yield Suggestion(rule["classification"], "description", 0.6, params={"word": word})


def _by_examples(signs: Signs) -> Iterator[Suggestion]:
    values = [value.strip() for value in list(signs.examples)[:EXAMPLES] if value.strip()]
    if not values:
        return
    name = squash(signs.name)
    for kind, code, looks in (
        (Kind.EMAIL, "pii", is_email),
        (Kind.PHONE, "pii", _is_phone),
        (Kind.IBAN, "pii", iban.is_valid),
        (Kind.CARD, "card", is_card),
    ):
        if _share(values, looks) >= SHARE:
            yield Suggestion(code, f"values_{kind.value}", 0.9, kind)
    for rule in _rules()["numbers"]:
        if any(part in name for part in rule["contains"]):
            module = import_module(f"stdnum.{rule['module']}")  # the rules name it
            if _share(values, module.is_valid) >= SHARE:
                yield Suggestion(rule["classification"], "values_number", 0.95)


def _share(values: Sequence[str], looks: Any) -> float:
    return sum(bool(looks(value)) for value in values) / len(values)


def is_email(value: str) -> bool:
    if "@" not in value:
        return False
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _is_phone(value: str) -> bool:
    """Only in international form: without a country any long number would do."""
    if not value.startswith("+"):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value))
    except phonenumbers.NumberParseException:
        return False


def is_card(value: str) -> bool:
    """Length, first digit of the big schemes, and check digit: one in about 20 random numbers passes."""
    digits = value.replace(" ", "").replace("-", "")
    return len(digits) in _CARD_DIGITS and digits[:1] in "3456" and bool(luhn.is_valid(digits))


def squash(name: str) -> str:
    """Lower case, letters and digits alone."""
    return _NOT_NAME.sub("", name.lower())


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = parse(RULES.read_bytes()).value
    return rules
