"""All signs of a field, weighed: sure ones by the higher level, unsure ones by their confidence."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from datacatalog.masking import Kind
from datacatalog.schemes import CLASSIFICATIONS, CONTRACT_CLASSIFICATIONS
from datacatalog.specs import FieldType
from datacatalog.suggest import header, plugins, rules, values
from datacatalog.suggest.column import Column
from datacatalog.suggest.learned import DOUBT, Learned
from datacatalog.suggest.signs import Signs, Suggestion
from datacatalog.suggest.words import squash

SURE = 0.5  # from here on the higher level wins, below the higher confidence
LEVELS = {seed.code: seed.level for seed in CLASSIFICATIONS}

_KEY = re.compile(r"\b(primary|foreign) key\b", re.IGNORECASE)
_BINARY = re.compile(r"bytea|blob|binary|image", re.IGNORECASE)
_NAMED = {"name_is", "name_contains", "free_text"}


def suggest(
    signs: Signs, levels: Mapping[str, int] = LEVELS, learned: Learned | None = None
) -> Suggestion | None:
    """The class that the signs speak for; None only if `levels` (code -> level) knows none of them."""
    found = [item for item in _candidates(signs, learned) if item.classification in levels]
    return max(found, key=lambda item: _weight(item, levels), default=None)


def _weight(item: Suggestion, levels: Mapping[str, int]) -> tuple[bool, float, float]:
    level = levels[item.classification]
    if item.confidence >= SURE:
        return (True, level, item.confidence)
    return (False, item.confidence, level)


def _candidates(signs: Signs, learned: Learned | None) -> Iterator[Suggestion]:
    yield Suggestion("internal", "no_sign", 0.3)
    column = Column(signs.examples)
    for item in _own(signs, column):
        if learned and item.reason in _NAMED and learned.doubts(signs.name, item.classification):
            yield replace(item, confidence=min(item.confidence, DOUBT))
        else:
            yield item
    if learned:
        yield from learned.signs(signs.name)
    yield from plugins.signs_of(signs)


def _own(signs: Signs, column: Column) -> Iterator[Suggestion]:
    yield from _declared(signs)
    yield from header.signs_of(signs, column)
    yield from _by_type(signs, column)
    yield from _by_description(signs)
    yield from values.signs_of(column, squash(signs.name), squash(signs.dataset))


def _declared(signs: Signs) -> Iterator[Suggestion]:
    ours = CONTRACT_CLASSIFICATIONS.get(signs.declared.strip().lower())
    if ours:
        yield Suggestion(ours, "declared", 0.9, params={"word": signs.declared.strip()})
    for tag in signs.tags:
        ours = CONTRACT_CLASSIFICATIONS.get(tag.strip().lower())
        if ours:
            yield Suggestion(ours, "tagged", 0.7, params={"word": tag.strip()})


def _by_type(signs: Signs, column: Column) -> Iterator[Suggestion]:
    if signs.type is FieldType.EMAIL:
        yield Suggestion("pii", "type", 0.9, Kind.EMAIL)
    elif signs.type is FieldType.PHONE:
        yield Suggestion("pii", "type", 0.9, Kind.PHONE)
    elif signs.type is FieldType.LONG_TEXT and not _BINARY.search(signs.source_type) and not column.values:
        yield Suggestion("pii", "free_text", 0.45, Kind.FREE_TEXT)


def _by_description(signs: Signs) -> Iterator[Suggestion]:
    text = signs.description.lower()
    if _KEY.search(text):
        return
    for rule in rules.headers()["descriptions"]:
        word = next((word for word in rule["words"] if word in text), None)
        if word:
            yield Suggestion(rule["classification"], "description", 0.6, params={"word": word})
