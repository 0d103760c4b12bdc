"""Form fields by type: what is taken, what is refused, what is stored."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from catalog.manifest import Field, FieldType
from runtime.fields import MoneyField, form_field


def field(kind: str, *, required: bool = True) -> Any:
    options = ("One", "Two") if kind == "choice" else ()
    return form_field(Field("f_00000001", "x", "X", kind, required=required, options=options))


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", "  Contoso ", "Contoso"),
        ("long_text", "a\nb", "a\nb"),
        ("email", "a@example.org", "a@example.org"),
        ("phone", "+49 (0)30 1234567", "+49301234567"),
        ("phone", "0049 30 1234567", "+49301234567"),
        ("phone", "697-555-0142", "697-555-0142"),
        ("url", "example.org/a", "https://example.org/a"),
        ("integer", "-5", -5),
        ("money", "12.50", 1250),
        ("money", "-0.01", -1),
        ("date", "2026-03-02", date(2026, 3, 2)),
        ("datetime", "2026-03-02T08:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("boolean", "false", False),
        ("choice", "Two", "Two"),
    ],
)
def test_what_is_stored(kind: str, typed: str, stored: object) -> None:
    assert field(kind).clean(typed) == stored


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("text", ""),
        ("text", "x" * 501),
        ("text", "a\x07b"),
        ("long_text", "x" * 10_001),
        ("email", "a@"),
        ("phone", "call me"),
        ("phone", "+999 1"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://example.org/"),
        ("integer", "1.5"),
        ("integer", str(2**63)),
        ("money", "1.234"),
        ("money", "1e30"),
        ("money", "NaN"),
        ("date", "31.02.2026"),
        ("datetime", "soon"),
        ("boolean", ""),
        ("boolean", "perhaps"),
        ("choice", "Three"),
        ("choice", ""),
    ],
)
def test_what_is_refused_with_a_sentence(kind: str, typed: str) -> None:
    with pytest.raises(ValidationError) as error:
        field(kind).clean(typed)
    assert all(len(message) > 10 for message in error.value.messages)


@pytest.mark.parametrize("kind", list(FieldType))
def test_an_optional_field_takes_nothing(kind: str) -> None:
    assert field(kind, required=False).clean("") in ("", None, False)


def test_money_comes_back_as_it_was_typed() -> None:
    assert MoneyField().prepare_value(1250) == "12.50"
    assert MoneyField().prepare_value("12.5") == "12.5"
