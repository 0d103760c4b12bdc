"""Marks for messages that others translate. Pure Python.

They have the names that `makemessages` looks for and translate nothing: the portal does when it shows them
(policy/explain.py), the command line prints them as they are.
"""

from typing import NamedTuple


class Plural(NamedTuple):
    """A sentence in two forms; the parameter `number` chooses."""

    singular: str
    plural: str
    number: str


Sentence = str | Plural


def gettext_lazy(message: str) -> str:
    """Marks a message and leaves it alone."""
    return message


def ngettext_lazy(singular: str, plural: str, number: str) -> Plural:
    """Marks a message in two forms."""
    return Plural(singular, plural, number)
