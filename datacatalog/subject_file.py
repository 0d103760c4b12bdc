"""The copy that a person gets of what is held of him: written while it is sent, never stored (D6).

JSON: what it is, `records` one a line, and a manifest with the SHA-256 over these lines, each ended by a line
feed; `jq -c '.records[]' FILE | sha256sum` computes it again. As text it is for reading alone.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from datacatalog.finding import Row, Search, Shelf, shelf_of
from datacatalog.identifiers import Identifier
from datacatalog.models import Dataset, SubjectRequest
from datacatalog.specs import FieldType
from identity.models import User
from identity.tenancy import tenant_scope

BATCH = 500
NEVER = uuid.UUID(int=0)
MINOR_UNITS = 100


@dataclass
class Copy:
    """One copy: for which request, by whom, on which decision."""

    request: SubjectRequest
    by: User
    decision: uuid.UUID
    identifiers: Sequence[Identifier] = field(repr=False)
    _digest: Any = field(default_factory=hashlib.sha256, repr=False)
    _counts: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> Iterator[bytes]:
        """The file, part by part. Each part is read in a transaction of its own."""
        yield b'{"about":' + _dumped(self._about()) + b',\n"records":['
        between = b"\n"
        for record in self._records():
            line = _dumped(record)
            self._digest.update(line + b"\n")
            yield between + line
            between = b",\n"
        yield b'\n],\n"manifest":' + _dumped(self._manifest()) + b"}\n"

    def as_text(self) -> Iterator[bytes]:
        """The same for reading: a paragraph a record."""
        yield _paragraph(_("What is held of a person"), self._about())
        for record in self._records():
            self._digest.update(_dumped(record) + b"\n")
            shown = {one["label"]: one["value"] for one in record["fields"] if one["value"] is not None}
            yield _paragraph(f"{record['dataset']}, {record['made']}", shown)
        yield _paragraph(_("Manifest"), self._manifest())

    def _about(self) -> dict[str, Any]:
        return {
            "request": str(self.request.pk),
            "reference": self.request.reference,
            "taken_at": timezone.now().isoformat(timespec="seconds"),
            "taken_by": self.by.display_name,
            "decision": str(self.decision),
            "not_searched": _("free text; numbers and dates that are not encrypted"),
        }

    def _manifest(self) -> dict[str, Any]:
        return {
            "records": self._counts.total(),
            "by_dataset": dict(sorted(self._counts.items())),
            "sha256": self._digest.hexdigest(),
        }

    def _records(self) -> Iterator[dict[str, Any]]:
        with tenant_scope(self.request.tenant_id):
            datasets = list(Dataset.objects.filter(origin=Dataset.Origin.APP).order_by("title", "id"))
        for dataset in datasets:
            for shelf, row in self._rows(dataset):
                self._counts[f"{dataset.title} ({dataset.pk})"] += 1
                yield _told(dataset, shelf, row)

    def _rows(self, dataset: Dataset) -> Iterator[tuple[Shelf, Row]]:
        """No transaction is open while somebody else has the turn."""
        after = NEVER
        while True:
            with tenant_scope(self.request.tenant_id):
                shelf = shelf_of(dataset)
                rows = Search(shelf, self.identifiers).opened(after, BATCH) if shelf else []
            if shelf is None or not rows:
                return
            yield from ((shelf, row) for row in rows)
            after = rows[-1]["id"]


def _told(dataset: Dataset, shelf: Shelf, row: Row) -> dict[str, Any]:
    return {
        "dataset": dataset.title,
        "app": str(dataset.app),
        "id": str(row["id"]),
        "made": row["created_at"].isoformat(),
        "fields": [
            {"field": item.id, "label": shelf.labels[item.id], "value": _value(item.type, row[item.id])}
            for item in shelf.spec.fields
        ],
    }


def _value(kind: FieldType, value: Any) -> Any:
    if value is None:
        return None
    if kind is FieldType.MONEY:
        return f"{value / MINOR_UNITS:.2f}"
    return value.isoformat() if isinstance(value, dt.date) else value


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _paragraph(title: str, told: Mapping[str, Any]) -> bytes:
    lines: list[str] = [title, "-" * len(title), *(f"{label}: {value}" for label, value in told.items())]
    return ("\n".join(lines) + "\n\n").encode()


WRITERS: dict[str, tuple[str, Callable[[Copy], Iterator[bytes]]]] = {
    "json": ("application/json", Copy.as_json),
    "txt": ("text/plain; charset=utf-8", Copy.as_text),
}
