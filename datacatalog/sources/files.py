"""Files with rows: CSV, Excel, Parquet. Told by what is in them, not by their name.

The content is in memory alone: its values go into types and suggestions, and nowhere else.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from charset_normalizer import from_bytes

from datacatalog.problems import BrokenFile, Problem
from datacatalog.sources.base import Source, SourceField, SourceObject
from datacatalog.sources.tables import SAMPLES, table
from datacatalog.specs import FieldType

MAX_BYTES = 16 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024  # of a workbook, which is a zip file
MAX_SHEETS = 100
_DETECT = 64 * 1024
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read(content: bytes, file_name: str, source: str = "") -> Source:
    """The table or tables in a file; `source` names it for the next time, else the file's own name does.

    Raises:
        BrokenFile: with what is wrong, by line, or by sheet and column.
    """
    stem = PurePath(file_name).stem or "file"
    if len(content) > MAX_BYTES:
        params = {"size": len(content) // 1024, "limit": MAX_BYTES // 1024}
        raise BrokenFile([Problem("too_large", params=params)])
    if not content.strip():
        raise BrokenFile([Problem("empty")])
    if content[:4] == b"PK\x03\x04":
        objects = list(_workbook(content))
    elif content[:4] == b"PAR1":
        objects = [_parquet(content, stem)]
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise BrokenFile([Problem("old_excel")])
    else:
        objects = [_csv(content, stem)]
    return Source(id=(source or stem)[:200], version="", name=stem, objects=tuple(objects))


# -- CSV (RFC 4180, and what people make of it) ------------------------------------------------------


def _csv(content: bytes, stem: str) -> SourceObject:
    text = decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text), strict=True)
    try:
        head: list[str] = next((row for row in reader if any(cell.strip() for cell in row)), [])
        return table(stem, stem, head, reader, line=reader.line_num)
    except csv.Error as error:
        raise BrokenFile([Problem("csv", reader.line_num, params={"what": str(error)})]) from None


def decoded(content: bytes) -> str:
    """The text, by its mark, as UTF-8, or in the charset that it is most likely in.

    Raises:
        BrokenFile: it is no text.
    """
    for mark, charset in _BOMS.items():
        if content.startswith(mark):
            try:
                return content.decode(charset)
            except UnicodeDecodeError:
                raise BrokenFile([Problem("no_text")]) from None
    if b"\x00" in content:
        raise BrokenFile([Problem("no_text", content[: content.index(b"\x00")].count(b"\n") + 1)])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(content[:_DETECT]).best()
        if best is None:
            raise BrokenFile([Problem("no_text")]) from None
        return content.decode(best.encoding, errors="replace")


def _dialect(text: str) -> Any:
    sample = "\n".join(text[:_DETECT].splitlines()[:20])
    try:
        found = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        return csv.excel
    found.doublequote, found.skipinitialspace = True, True
    return found


# -- Excel (ECMA-376) ---------------------------------------------------------------------------------


def _workbook(content: bytes) -> Iterator[SourceObject]:
    import openpyxl  # slow to import, and only a few requests need it

    _check_zip(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 - openpyxl raises anything over a file that is not as it should be
        raise BrokenFile([Problem("not_excel")]) from None
    problems: list[Problem] = []
    found = 0
    for sheet in book.worksheets[:MAX_SHEETS]:
        try:
            made = _sheet(sheet)
        except BrokenFile as broken:
            problems += broken.problems
            continue
        if made:
            found += 1
            yield made
    if problems:
        raise BrokenFile(problems)
    if not found:
        raise BrokenFile([Problem("empty")])


def _sheet(sheet: Any) -> SourceObject | None:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    try:
        rows = enumerate(sheet.iter_rows(values_only=True), 1)
        found = next(((n, row) for n, row in rows if any(cell is not None for cell in row)), None)
        if found is None:
            return None
        return table(
            sheet.title, sheet.title, found[1], (row for _n, row in rows), line=found[0], path=sheet.title
        )
    except BrokenFile:
        raise
    except Exception:  # noqa: BLE001 - as above
        raise BrokenFile([Problem("not_excel", path=sheet.title)]) from None


def _check_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        raise BrokenFile([Problem("not_excel")]) from None
    if size > MAX_UNPACKED:
        params = {"size": size // 1024, "limit": MAX_UNPACKED // 1024}
        raise BrokenFile([Problem("unpacks_too_large", params=params)])
    if "[Content_Types].xml" not in names:
        raise BrokenFile([Problem("not_excel")])


# -- Parquet ------------------------------------------------------------------------------------------


def _parquet(content: bytes, stem: str) -> SourceObject:
    import pyarrow as pa  # 45 MB of library, loaded by the few requests that need it
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content))
        batch = next(file.iter_batches(batch_size=SAMPLES), None)
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError):
        raise BrokenFile([Problem("not_parquet")]) from None
    rows = batch.to_pylist() if batch is not None else []
    fields = [
        made
        for column in schema
        for made in _columns(column, column.name, [row[column.name] for row in rows])
    ]
    if not fields:
        raise BrokenFile([Problem("no_columns")])
    return SourceObject(name=stem, title=stem, fields=tuple(fields))


def _columns(column: Any, name: str, values: list[Any]) -> Iterator[SourceField]:
    """A column, and the parts of a nested one under dotted names."""
    import pyarrow.types as kinds

    if kinds.is_struct(column.type):
        for part in column.type:
            yield from _columns(part, f"{name}.{part.name}", [value[part.name] for value in values if value])
        return
    if kinds.is_list(column.type) or kinds.is_large_list(column.type):
        inner = [item for value in values if value for item in value]
        yield from _columns(column.type.value_field, f"{name}[]", inner)
        return
    yield SourceField(
        name=name[:200],
        label=name[:200],
        type=_arrow_type(column.type, kinds),
        source_type=str(column.type)[:100],
        required=not column.nullable,
        examples=tuple(
            str(value)[:400]
            for value in values[:SAMPLES]
            if value is not None and not isinstance(value, bytes)
        ),
    )


def _arrow_type(kind: Any, kinds: Any) -> FieldType:
    if kinds.is_boolean(kind):
        return FieldType.BOOLEAN
    if kinds.is_integer(kind):
        return FieldType.INTEGER
    if kinds.is_date(kind):
        return FieldType.DATE
    return FieldType.DATETIME if kinds.is_timestamp(kind) else FieldType.TEXT
