"""Strings on their way into regopy and back.

regopy writes its results without escaping: a quote, backslash or control character in a value that came
in by the input breaks or changes what comes out (measured, 1.5.2). So every string that is not plain goes
in as "~x" and the hex of its UTF-8. The mapping is one to one and the rules compare for equality alone,
hence decisions are the same; order is not, which policy/outcome.py makes up for.
"""

import re
from typing import Any

_PREFIX = "~x"
_PLAIN = re.compile(r"(?!~x)[ !#-\[\]-~]*")


def encode(value: Any) -> Any:
    """`value` with every string, keys included, in plain characters.

    Raises:
        UnicodeEncodeError: a lone surrogate, which is no text.
    """
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else _PREFIX + value.encode().hex()
    if isinstance(value, dict):
        return {encode(key): encode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    return value


def decode(value: Any) -> Any:
    """The reverse of `encode`."""
    if isinstance(value, str):
        return bytes.fromhex(value[len(_PREFIX) :]).decode() if value.startswith(_PREFIX) else value
    if isinstance(value, dict):
        return {decode(key): decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decode(item) for item in value]
    return value
