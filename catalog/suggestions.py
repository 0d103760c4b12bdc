"""What a field's name and type say about its classification, while it is being tagged (D2).

A sure sign is kept with the field: tagging lower then takes a reason. An unsure one is only offered.
"""

from dataclasses import dataclass, replace

from catalog.content import Content, Field
from catalog.vocabulary import Vocabulary
from datacatalog.reasons import explain
from datacatalog.specs import FieldType
from datacatalog.suggest import SURE, Signs, suggest


@dataclass(frozen=True)
class Offer:
    """A classification to take with one press, and why."""

    classification: str
    title: str
    reason: str
    sure: bool
    sign: bool = True  # False: only what is usual where nothing points anywhere


def offer(field: Field, dataset: str, words: Vocabulary) -> Offer | None:
    """What is suggested for `field`; None where its name is still empty or nothing is known."""
    if field["source"] and field["suggestion"]:
        return _offer(field["suggestion"]["classification"], field["suggestion"]["reason"], words, sure=True)
    name = field["label"] or field["name"]
    if not name:
        return None
    levels = {one.code: one.level for one in words.classifications.values()}
    found = suggest(Signs(name=name, dataset=dataset, type=FieldType(field["type"])), levels)
    if found is None:
        return None
    made = _offer(found.classification, explain(found.to_dict()), words, sure=found.confidence >= SURE)
    return replace(made, sign=found.reason != "no_sign") if made else None


def shown(field: Field, dataset: str, words: Vocabulary) -> Offer | None:
    """The offer if it says more than the field's own tag does."""
    made = offer(field, dataset, words)
    if made is None:
        return None
    chosen, offered = words.level(field["classification"]), words.level(made.classification)
    if chosen is None:
        return made
    return made if made.sign and offered is not None and offered > chosen else None


def refresh(content: Content, words: Vocabulary) -> Content:
    """`content` with each field's sure suggestion as of now; a reason that none needs any more goes."""
    datasets = [
        {**one, "fields": [_refreshed(field, one["title"], words) for field in one["fields"]]}
        for one in content["datasets"]
    ]
    return {**content, "datasets": datasets}


def lowered(field: Field, words: Vocabulary) -> bool:
    """Whether the field is tagged lower than what is suggested for sure."""
    if not field["suggestion"] or not field["classification"]:
        return False
    suggested, chosen = (
        words.level(field["suggestion"]["classification"]),
        words.level(field["classification"]),
    )
    return suggested is not None and chosen is not None and chosen < suggested


def _refreshed(field: Field, dataset: str, words: Vocabulary) -> Field:
    made = offer(field, dataset, words)
    suggestion = None
    if made and made.sure:
        suggestion = {"classification": made.classification, "reason": made.reason}
    changed = {**field, "suggestion": suggestion}
    return changed if lowered(changed, words) else {**changed, "downgrade_reason": ""}


def _offer(code: str, reason: str, words: Vocabulary, *, sure: bool) -> Offer | None:
    known = words.classifications.get(code)
    return Offer(code, known.label, reason, sure) if known else None
