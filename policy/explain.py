"""Words for reason codes in the language of whoever reads (policy/wording.py)."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation

from policy import wording
from policy.labels import LABELS
from policy.sentences import SENTENCES

__all__ = ["LABELS", "SENTENCES", "because", "remedy", "text", "tier"]


def text(code: str, case: str, params: Mapping[str, Any]) -> str:
    """What the rule found."""
    return wording.text(translation, code, case, params)


def remedy(code: str, case: str, params: Mapping[str, Any]) -> str:
    """What would make it pass."""
    return wording.remedy(translation, code, case, params)


def tier(name: str) -> str:
    """An approval tier in words."""
    return wording.label(translation, name)


def action(name: str) -> str:
    """What was asked for, in words."""
    return wording.label(translation, name)


def because(code: str) -> str:
    """A tier's cause in words."""
    return wording.label(translation, code)
