"""Signs in a field's name (rules/headers.yaml)."""

from collections.abc import Iterator
from functools import cache, lru_cache

from datacatalog.suggest import rules
from datacatalog.suggest.column import Column
from datacatalog.suggest.rules import HeaderRule
from datacatalog.suggest.signs import Signs, Suggestion
from datacatalog.suggest.words import squash, words

REFUTED = 0.3  # what is left of a rule's confidence when the values look like something else
_OF_PEOPLE = {
    "person_name",
    "person_name_of",
    "name_of_person",
    "name_alone",
    "role_name",
    "phone_short",
    "address_short",
}


def signs_of(signs: Signs, column: Column) -> Iterator[Suggestion]:
    """What the name says, doubted where the values say otherwise."""
    name, dataset = squash(signs.name), squash(signs.dataset)
    parts = frozenset(words(signs.name))
    if (name.endswith("id") or "id" in parts) and not any(key in name for key in _keys()):
        return
    thing = bool(parts & _things()) or name in _thing_names()
    for rule, word in _hits(signs.name):
        if not _fits(rule, dataset):
            continue
        if thing and rule.id in _OF_PEOPLE and rule.id != "person_name":
            continue
        confidence = rule.confidence
        if column.doubts(rule.shape) or (column.flags and rule.shape != "any"):
            confidence = round(confidence * REFUTED, 2)
        reason = rule.reason or ("name_is" if word == name else "name_contains")
        yield Suggestion(rule.classification, reason, confidence, rule.kind, {"word": word})


@lru_cache(maxsize=20_000)
def _hits(name: str) -> tuple[tuple[HeaderRule, str], ...]:
    """The rules that a name meets, each with the part that it shows. Databases repeat their names."""
    whole, parts = squash(name), frozenset(words(name))
    found = ((rule, _hit(rule, whole, parts)) for rule in rules.header_rules())
    return tuple((rule, word) for rule, word in found if word is not None)


def _hit(rule: HeaderRule, name: str, parts: frozenset[str]) -> str | None:
    """The part of the rule that the name shows."""
    if any(part in name for part in rule.without):
        return None
    if name in rule.exact:
        return name
    found = next((part for part in rule.contains if part in name), None)
    return found or next((part for part in sorted(rule.words & parts)), None)


def _fits(rule: HeaderRule, dataset: str) -> bool:
    if any(part in dataset for part in rule.dataset_without):
        return False
    if rule.dataset == ("",):  # only where nothing is known of the dataset
        return not dataset
    return not rule.dataset or any(part in dataset for part in rule.dataset)


@cache
def _keys() -> tuple[str, ...]:
    return rules.squashed(rules.headers()["keys"])


@cache
def _things() -> frozenset[str]:
    return frozenset(rules.squashed(rules.headers()["things"]))


@cache
def _thing_names() -> frozenset[str]:
    """companyname, productnaam: a thing, then a word for name."""
    ends = ("name", "nom", "nombre", "nome", "naam", "namn", "navn", "adi", "名")
    return frozenset(f"{thing}{end}" for thing in _things() for end in ends)
