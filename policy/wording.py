"""From a finding to a sentence. Pure Python: whose language it is, the caller says by `Translations`.

A sentence takes the finding's params by name. A code or case that has no sentence (a newer library) gets a
general one, so that a refusal is never without a word.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from policy.labels import LABELS
from policy.marks import Plural, Sentence
from policy.sentences import SENTENCES, UNKNOWN_REMEDY, UNKNOWN_RULE

_LABELLED = {"tier", "roles", "rule", "rules", "days"}  # params whose values are codes of ours, not names


class Translations(Protocol):
    """A language: django.utils.translation for the reader's, gettext.NullTranslations for English."""

    def gettext(self, message: str, /) -> str:
        """The message in that language."""

    def ngettext(self, singular: str, plural: str, number: int, /) -> str:
        """The form of it that goes with `number`."""


def text(language: Translations, code: str, case: str, params: Mapping[str, Any]) -> str:
    """What the rule found."""
    if found := SENTENCES.get((code, case)):
        return _fill(language, found[0], params)
    return language.gettext(UNKNOWN_RULE) % {"code": code, "case": case}


def remedy(language: Translations, code: str, case: str, params: Mapping[str, Any]) -> str:
    """What would make it pass."""
    if found := SENTENCES.get((code, case)):
        return _fill(language, found[1], params)
    return language.gettext(UNKNOWN_REMEDY)


def label(language: Translations, code: str) -> str:
    """A tier, a tier's cause or a role in words; what nobody labelled stays as it is."""
    return language.gettext(LABELS[code]) if code in LABELS else code


def _fill(language: Translations, sentence: Sentence, params: Mapping[str, Any]) -> str:
    """A sentence without names in it stays as it is, percent signs and all."""
    if isinstance(sentence, Plural):
        told = language.ngettext(sentence.singular, sentence.plural, int(params.get(sentence.number, 0)))
    else:
        told = language.gettext(sentence) if sentence else ""
    if not params:
        return told
    return told % {name: _word(language, name, value) for name, value in params.items()}


def _word(language: Translations, name: str, value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(_word(language, name, item)) for item in value)
    if name in _LABELLED and isinstance(value, str):
        return label(language, value)
    if name.endswith("_minute") and isinstance(value, int):
        return f"{value // 60:02}:{value % 60:02}"
    if name in {"jurisdiction", "jurisdictions"} and isinstance(value, str):
        return value.upper()
    return value
