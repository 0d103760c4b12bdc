"""A file that a spreadsheet opens without running anything."""

import csv
import hashlib
import io
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.csv_file import Writer, safe_cell


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Contoso", "Contoso"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+49301234567", "'+49301234567"),
        ("\u200b=1", "'\u200b=1"),
        ("a=b", "a=b"),
        (-5, "-5"),
        (True, "true"),
        (None, ""),
        (" ", " "),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=1))), "2026-03-02T08:00:00Z"),
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "2026-03-02T09:00:00Z"),
    ],
)
def test_cells(value: object, text: str) -> None:
    assert safe_cell(value) == text


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_what_is_written_can_be_read_back(rows: list[list[str]]) -> None:
    stream = io.BytesIO()
    writer = Writer(stream)
    writer.header(["A", "B"])
    writer.columns([[row[0] for row in rows], [row[1] for row in rows]])
    data = stream.getvalue()
    assert writer.size == len(data)
    assert writer.sha256 == hashlib.sha256(data).hexdigest()
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read[1:] == [[safe_cell(cell) for cell in row] for row in rows]
    assert writer.rows == len(rows)


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.integers(),
            st.booleans(),
            st.dates(),
            st.datetimes(timezones=st.just(UTC)),
            st.text(alphabet=st.characters(exclude_categories=["Cs"])),
        ),
        min_size=1,
    )
)
def test_a_column_is_written_as_its_cells_are(values: list[Any]) -> None:
    stream = io.BytesIO()
    Writer(stream).columns([values])
    read = list(csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline="")))
    assert read == [[safe_cell(value)] for value in values]


def test_a_formula_is_found_among_harmless_cells() -> None:
    stream = io.BytesIO()
    Writer(stream).columns([["Contoso", "a", "=1+1"], [date(2026, 3, 2), None, -5]])
    assert stream.getvalue().decode("utf-8-sig").splitlines() == [
        '"Contoso","2026-03-02"',
        '"a",""',
        '"\'=1+1","-5"',
    ]
