"""Made-up values for previews: the same for the same field and row, and nobody's (T6).

Addresses and numbers come from the ranges that are reserved for examples (RFC 2606, and 01632 960000 to
960999, which Ofcom keeps for drama), so that no value can belong to anyone.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalog.manifest import Dataset, Field

_FIRST = ("Alex", "Robin", "Sam", "Kim", "Jo", "Chris", "Maxime", "Noor", "Sasha", "Toni")
_LAST = ("Example", "Sample", "Muster", "Modelo", "Testa", "Prova", "Vzor", "Malli")
_COMPANIES = ("Example Ltd", "Sample & Sons", "Muster AG", "Modelo SA", "Prova Srl")
_WORDS = ("First contact", "Asked for a call", "Wants the brochure", "Met at the stand", "To be checked")
_START = date(2026, 1, 5)

_BY_TYPE: Mapping[str, Callable[[int], Any]] = {
    "phone": lambda seed: f"+44 1632 960{seed % 1000:03d}",
    "url": lambda seed: f"https://example.com/{seed % 1000}",
    "integer": lambda seed: seed % 500,
    "money": lambda seed: seed % 500_000,
    "date": lambda seed: _START + timedelta(days=seed % 300),
    "datetime": lambda seed: datetime(2026, 1, 5, 8, tzinfo=UTC) + timedelta(minutes=seed % 400_000),
    "boolean": lambda seed: seed % 3 > 0,
}


def rows(dataset: Dataset, count: int) -> list[dict[str, Any]]:
    """`count` records by field id."""
    return [{field.id: value(field, row) for field in dataset.fields} for row in range(count)]


def value(field: Field, row: int) -> Any:
    """One value that fits the field's type."""
    seed = int.from_bytes(hashlib.sha256(f"{field.name}|{row}".encode()).digest()[:6], "big")
    person = int.from_bytes(hashlib.sha256(f"person|{row}".encode()).digest()[:6], "big")
    first, last = _pick(_FIRST, person), _pick(_LAST, person // 16)
    if field.type == "choice":
        return _pick(field.options, seed) if field.options else ""
    if field.type == "email":
        return f"{first}.{last}@example.org".lower()
    make = _BY_TYPE.get(field.type)
    return make(seed) if make else _text(field, seed, first, last)


def _text(field: Field, seed: int, first: str, last: str) -> str:
    name = field.name
    if "company" in name or "account" in name or "organi" in name:
        return _pick(_COMPANIES, seed)
    if "first" in name:
        return first
    if "last" in name or "surname" in name:
        return last
    if "name" in name:
        return f"{first} {last}"
    return _pick(_WORDS, seed)


def _pick(choices: Sequence[str], seed: int) -> str:
    return choices[seed % len(choices)]
