"""Records as a CSV file (RFC 4180) that a spreadsheet opens without running anything in it.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP's "CSV
Injection" asks; numbers and dates that the portal wrote itself are left alone. UTF-8 with a byte order
mark, since spreadsheets guess wrong without one.
"""

import csv
import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import IO, Any

from identity.spreadsheets import harmless
from runtime.values import machine_text

BOM = "\ufeff"


def safe_cell(value: Any) -> str:
    """The cell's text; harmless whatever a person typed into the record."""
    text = machine_text(value)
    if isinstance(value, int | dt.date):  # bool and datetime are among them; none begins with text of others
        return text
    return harmless(text)


class Writer:
    """Writes rows to `stream` and keeps count, size and SHA-256 of what went out."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._csv = csv.writer(self, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self.rows = 0
        self.size = 0
        self._put(BOM.encode())

    def write(self, text: str) -> int:
        """What the csv module calls; one line at a time."""
        self._put(text.encode("utf-8", "replace"))
        return len(text)

    def header(self, labels: Sequence[str]) -> None:
        """The first line."""
        self._csv.writerow([safe_cell(label) for label in labels])

    def records(self, rows: Iterable[Sequence[Any]]) -> None:
        """One line a record."""
        for row in rows:
            self._csv.writerow([safe_cell(value) for value in row])
            self.rows += 1

    def mark(self, text: str) -> None:
        """A last line that says who took the file; programs that read it see a row with one cell."""
        self._csv.writerow([f"# {text}"])

    @property
    def sha256(self) -> str:
        """Of all bytes so far, in hexadecimal."""
        return self._hash.hexdigest()

    def _put(self, data: bytes) -> None:
        self._stream.write(data)
        self._hash.update(data)
        self.size += len(data)
