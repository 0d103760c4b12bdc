"""Words for the life of the rules."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOBODY = _(
    "No tenant operates this portal, so nobody can change its rules. Set POLICY_TENANT to its short name."
)
STALE = _(
    "Other rules were put in force since this was proposed. Propose it again, on top of what decides now."
)
CHECKS: dict[str, str | Promise] = {
    "opa": _("There is an OPA to check with"),
    "strict": _("Compiles, strictly (opa check --strict)"),
    "format": _("Formatted (opa fmt)"),
    "tests": _("Tests pass (opa test)"),
    "coverage": _("Tests come by every rule"),
    "portable": _("Both engines can do what it uses"),
    "annotations": _("Says of each rule what people need"),
    "engines": _("Both engines answer with a decision"),
    "parity": _("Both engines decide alike"),
    "review": _("Somebody else can review it"),
}


def check_label(name: str) -> str:
    """A check in words."""
    return str(CHECKS.get(name, name))
