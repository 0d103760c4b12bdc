"""Text in a cell of a CSV file, harmless in whatever program opens it (OWASP, "CSV Injection")."""

_STARTERS = frozenset("=+-@\t\r\n|%＝＋－＠")  # the full-width ones are folded by some programs


def harmless(text: str) -> str:
    """`text` with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0\u200b\ufeff")[:1] in _STARTERS and text.strip() else text
