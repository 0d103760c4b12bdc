"""The rules as data (datacatalog/rules), read once, their words squashed like the names that they meet."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from datacatalog.safe_yaml import parse
from datacatalog.suggest.words import plain, squash

FOLDER = Path(__file__).parent.parent / "rules"


@dataclass(frozen=True)
class HeaderRule:
    """What a name tells; see the head of rules/headers.yaml for the parts."""

    id: str
    classification: str
    confidence: float
    kind: str
    shape: str
    reason: str
    contains: tuple[str, ...]
    exact: frozenset[str]
    words: frozenset[str]
    without: tuple[str, ...]
    dataset: tuple[str, ...]
    dataset_without: tuple[str, ...]


@cache
def headers() -> dict[str, Any]:
    """rules/headers.yaml as it stands there."""
    found: dict[str, Any] = parse((FOLDER / "headers.yaml").read_bytes()).value
    return found


@cache
def values() -> dict[str, Any]:
    """rules/values.yaml as it stands there."""
    found: dict[str, Any] = parse((FOLDER / "values.yaml").read_bytes()).value
    return found


@cache
def header_rules() -> tuple[HeaderRule, ...]:
    """What names tell, in the order of the file."""
    return tuple(_rule(row) for row in headers()["rules"])


@cache
def names() -> frozenset[str]:
    """Given names and family names of many countries (rules/names.txt), without accents."""
    lines = (FOLDER / "names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(plain(name) for line in lines if not line.startswith("#") for name in line.split())


def squashed(items: list[str]) -> tuple[str, ...]:
    """Each item as names are compared."""
    return tuple(squash(item) for item in items)


def _rule(row: dict[str, Any]) -> HeaderRule:
    return HeaderRule(
        id=row["id"],
        classification=row["classification"],
        confidence=row["confidence"],
        kind=row.get("kind", ""),
        shape=row.get("shape", row.get("kind", "")),
        reason=row.get("reason", ""),
        contains=squashed(row.get("contains", [])),
        exact=frozenset(squashed(row.get("exact", []))),
        words=frozenset(squashed(row.get("words", []))),
        without=squashed(row.get("without", [])),
        dataset=squashed(row.get("dataset", [])),
        dataset_without=squashed(row.get("dataset_without", [])),
    )
