"""Names as they are compared: squashed, and in words; in any script."""

import re
import unicodedata

_APART = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_LATIN_MARKS = range(0x300, 0x370)


def plain(text: str) -> str:
    """Small letters without accents: "Straße" -> "strasse"; scripts other than Latin keep their marks."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if ord(letter) not in _LATIN_MARKS)
    return unicodedata.normalize("NFKC", bare).translate(_APART)


def squash(name: str) -> str:
    """Letters and digits alone: "E-Mail_Address" -> "emailaddress"."""
    return "".join(_WORD.findall(plain(name)))


def words(name: str) -> list[str]:
    """The words of a name: "homePhone_2" -> ["home", "phone", "2"]."""
    return _WORD.findall(plain(_CAMEL.sub(" ", name)))
