"""Words for reason codes, in the reader's language; policy/sentences.py has the sentences themselves.

A sentence takes the finding's params by name. A code or case that has no sentence here (a newer library)
gets a general one, so that a refusal is never without a word.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from policy.sentences import LABELS, SENTENCES, Sentence

_LABELLED = {"tier", "roles", "rule", "rules", "days"}  # params whose values are codes of ours, not names


def text(code: str, case: str, params: Mapping[str, Any]) -> str:
    """What the rule found."""
    if found := SENTENCES.get((code, case)):
        return _fill(found[0], params)
    return _("The rule %(code)s applies (%(case)s).") % {"code": code, "case": case}


def remedy(code: str, case: str, params: Mapping[str, Any]) -> str:
    """What would make it pass."""
    found = SENTENCES.get((code, case))
    return _fill(found[1], params) if found else _("Ask the rule's owner; it is described in the reference.")


def tier(name: str) -> str:
    """An approval tier in words."""
    return str(LABELS.get(name, name))


def because(code: str) -> str:
    """A tier's cause in words."""
    return str(LABELS.get(code, code))


def _fill(sentence: Sentence, params: Mapping[str, Any]) -> str:
    """A sentence without names in it stays as it is, percent signs and all."""
    if not params:
        return str(sentence)
    return str(sentence % {name: _word(name, value) for name, value in params.items()})


def _word(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(_word(name, item)) for item in value)
    if name in _LABELLED and isinstance(value, str):
        return str(LABELS.get(value, value))
    if name.endswith("_minute") and isinstance(value, int):
        return f"{value // 60:02}:{value % 60:02}"
    if name in {"jurisdiction", "jurisdictions"} and isinstance(value, str):
        return value.upper()
    return value
