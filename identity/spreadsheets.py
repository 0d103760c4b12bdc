"""Text in a cell of a CSV file, harmless in whatever program opens it (OWASP, "CSV Injection")."""

_STARTERS = frozenset("=+-@\t\r\n|%＝＋－＠")  # the full-width ones are folded by some programs
_BLANKS = " \u00a0\u200b\ufeff"
SUSPECT = _STARTERS | frozenset(_BLANKS)  # text that begins with none of these is harmless as it is


def harmless(text: str) -> str:
    """`text` with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(_BLANKS)[:1] in _STARTERS and text.strip() else text
