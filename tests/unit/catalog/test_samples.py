"""Made-up values: the same each time, of the right type, and nobody's."""

from datetime import date, datetime

import pytest

from catalog import manifest as m
from catalog import samples

TYPES = {"integer": int, "money": int, "date": date, "datetime": datetime, "boolean": bool}


@pytest.mark.parametrize("kind", [*m.FieldType])
def test_values_fit_their_type_and_repeat(kind: m.FieldType) -> None:
    options = ("A", "B") if kind == m.FieldType.CHOICE else ()
    field = m.Field("f_00000001", "something", "Something", kind.value, options=options)
    values = [samples.value(field, row) for row in range(50)]
    assert values == [samples.value(field, row) for row in range(50)]
    assert all(isinstance(value, TYPES.get(kind.value, str)) for value in values)
    assert len(set(values)) > 1


def test_addresses_and_numbers_are_reserved_ones() -> None:
    email = m.Field("f_00000001", "email", "E-mail", "email")
    phone = m.Field("f_00000002", "phone", "Phone", "phone")
    assert all(samples.value(email, row).endswith("@example.org") for row in range(50))
    assert all(samples.value(phone, row).startswith("+44 1632 960") for row in range(50))
