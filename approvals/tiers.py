"""How much approval something takes, as the policy names it, in words.

Pure Python: the command line says them as they are, the portal translates them when it shows them.
"""


def gettext_lazy(message: str) -> str:
    """Marks a message for translation and leaves it alone."""
    return message


_ = gettext_lazy
TIERS = {
    "none": _("nobody"),
    "manager": _("manager"),
    "manager_then_security": _("manager, then security"),
    "two_person": _("two people"),
    "security": _("security"),
}
