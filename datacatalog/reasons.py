"""The words for why a class is suggested."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


def explain(suggestion: Mapping[str, Any]) -> str:
    """The reason of a stored suggestion, in the reader's language; empty if there is none."""
    text = _texts().get(suggestion.get("reason", ""), "")
    return str(text % suggestion.get("params", {}))


def _texts() -> dict[str, str]:
    return {
        "no_sign": _("nothing points to anything more sensitive"),
        "declared": _("the contract says “%(word)s”"),
        "tagged": _("the contract tags it “%(word)s”"),
        "name_is": _("it is called “%(word)s”"),
        "name_contains": _("name contains “%(word)s”"),
        "type": _("the type holds such data"),
        "free_text": _("free text may hold personal data"),
        "description": _("the description mentions “%(word)s”"),
        "values_email": _("the examples look like e-mail addresses"),
        "values_phone": _("the examples look like phone numbers"),
        "values_iban": _("the examples look like bank accounts"),
        "values_card": _("the examples look like card numbers"),
        "values_number": _("the examples are valid identification numbers"),
    }
