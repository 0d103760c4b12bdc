"""The JSON that a client sends, read strictly: what two readers could understand differently is refused."""

import json
from typing import Any

from scim2_models import InvalidSyntaxException, InvalidValueException

MAX_DEPTH = 24


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`.

    Raises:
        InvalidSyntaxException: it is none; a name occurs twice, whatever its case (RFC 7643, 2.1); it is
            nested deeper than MAX_DEPTH; a number is none of JSON's.
        InvalidValueException: a text holds a NUL or half a character.
    """
    try:
        content = json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidSyntaxException(detail="The body is not JSON.") from error
    if not isinstance(content, dict):
        raise InvalidSyntaxException(detail="The body is not a JSON object.")
    _check(content)
    return content


def check_text(text: str) -> None:
    """Whether the database could keep `text`.

    Raises:
        InvalidValueException: it holds a NUL, or half a character (a surrogate).
    """
    if "\x00" in text or (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)):
        raise InvalidValueException(detail="A text holds a NUL or half a character.")


def member(content: dict[str, Any], name: str) -> Any:
    """The value of `name`, whatever its case (RFC 7643, 2.1); None where it is absent."""
    return next((value for key, value in content.items() if key.lower() == name.lower()), None)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key.lower() for key, _value in pairs}) != len(pairs):
        raise InvalidSyntaxException(detail="An attribute is named twice.")
    return dict(pairs)


def _no_number(_text: str) -> Any:
    raise InvalidSyntaxException(detail="Numbers like NaN and Infinity are none of JSON's.")


def _check(content: Any) -> None:
    """Walk the values without recursion, level by level."""
    level = [content]
    for _depth in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                check_text(value)
            elif isinstance(value, dict):
                for key in value:
                    check_text(key)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if not below:
            return
        level = below
    raise InvalidSyntaxException(detail="The body is nested too deep.")
