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
        "values_ip": _("the examples are network addresses of anybody"),
        "values_mac": _("the examples are addresses of devices"),
        "values_profile": _("the examples are people’s pages"),
        "values_coordinates": _("the examples are places on the map"),
        "values_secret": _("the examples look like keys of a service"),
        "values_password_hash": _("the examples look like passwords"),
        "values_password_in_address": _("the examples hold passwords"),
        "values_nino": _("the examples are valid identification numbers"),
        "values_blood": _("the examples are blood groups"),
        "values_gender": _("the examples are genders"),
        "values_marital": _("the examples are marital states"),
        "values_religion": _("the examples are beliefs"),
        "values_name": _("the examples look like names of people"),
        "values_address": _("the examples look like addresses"),
        "text_contacts": _("the texts hold e-mail addresses or phone numbers"),
        "text_names": _("the texts name people"),
        "learned": _("people here have tagged fields of this name so"),
        "plugin": _("%(text)s"),
    }
