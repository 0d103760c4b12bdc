"""Readers: what tables and descriptions of APIs are taken for, and every way in which a file can be broken."""

import io
import time
import zipfile
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datacatalog.problems import BrokenFile
from datacatalog.sources import files, odcs, openapi
from datacatalog.specs import FieldType
from tests import large_api


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


CSV = "Name;E-Mail;Geburtsdatum;Umsatz;Anzahl;Aktiv\nJürgen Groß;j@contoso.com;1980-05-01;12,50;3;ja\nIda Maß;i@contoso.com;1991-02-03;0,99;14;nein\n"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_file_in_any_charset_with_types(charset: str) -> None:
    source = files.read(CSV.encode(charset), "Kunden 2026.csv")
    assert (source.id, source.objects[0].name) == ("Kunden 2026", "Kunden 2026")
    fields = {field.name: field for field in source.objects[0].fields}
    assert {name: field.type for name, field in fields.items()} == {
        "Name": FieldType.TEXT,
        "E-Mail": FieldType.TEXT,
        "Geburtsdatum": FieldType.DATE,
        "Umsatz": FieldType.MONEY,
        "Anzahl": FieldType.INTEGER,
        "Aktiv": FieldType.BOOLEAN,
    }
    assert fields["Name"].examples == ("Jürgen Groß", "Ida Maß")
    assert fields["Name"].required
    assert "Jürgen" not in repr(source)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separators_quotes_and_line_breaks_in_values(delimiter: str) -> None:
    text = f'a{delimiter}b\r\n"x{delimiter}y"{delimiter}"two\r\nlines ""quoted"""\r\n1{delimiter}2\r\n'
    fields = files.read(text.encode(), "x.csv").objects[0].fields
    assert fields[0].examples == (f"x{delimiter}y", "1")
    assert fields[1].examples == ('two\r\nlines "quoted"', "2")


def test_years_may_be_names_and_accents_tell_names_apart() -> None:
    fields = files.read("año,ano,región,2024\n1,2,3,4\n".encode(), "x.csv").objects[0].fields
    assert [field.name for field in fields] == ["año", "ano", "región", "2024"]


def test_leading_zeros_are_no_numbers_and_gaps_are_not_required() -> None:
    fields = files.read(b"plz,x\n01067,\n80331,2\n", "x.csv").objects[0].fields
    assert [(field.type, field.required) for field in fields] == [
        (FieldType.TEXT, True),
        (FieldType.INTEGER, False),
    ]


def test_each_sheet_is_a_dataset_and_empty_ones_are_none() -> None:
    import datetime as dt

    people = [[None], ["name", "born"], ["Ann Lee", dt.datetime(1990, 1, 2)]]
    source = files.read(workbook(("People", people), ("Empty", []), ("Rooms", [["no"], [7]])), "b.xlsx")
    assert [item.name for item in source.objects] == ["People", "Rooms"]
    assert [field.type for field in source.objects[0].fields] == [FieldType.TEXT, FieldType.DATE]


def test_parquet_with_nested_columns() -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "when": pa.array([0, 1], pa.timestamp("us")),
            "person": pa.array([{"email": "a@contoso.com"}, {"email": "b@contoso.com"}]),
            "tags": pa.array([["x"], []], pa.list_(pa.string())),
        }
    )
    fields = {field.name: field for field in files.read(parquet(table), "t.parquet").objects[0].fields}
    assert list(fields) == ["id", "when", "person.email", "tags[]"]
    assert fields["when"].type is FieldType.DATETIME
    assert fields["person.email"].examples == ("a@contoso.com", "b@contoso.com")


API = b"""openapi: 3.0.3
info: {title: People, version: '7'}
paths:
  /people/{id}:
    get:
      summary: One person
      responses:
        '200':
          description: OK
          content:
            application/json: {schema: {$ref: '#/components/schemas/Person'}}
        '404':
          $ref: '#/components/responses/Gone'
    delete: {responses: {'204': {description: nothing}}}
components:
  responses:
    Gone: {description: gone, content: {application/problem+json: {schema: {type: object, properties: {detail: {type: string}}}}}}
  schemas:
    Base: {type: object, required: [id], properties: {id: {type: integer}}}
    Person:
      allOf:
      - {$ref: '#/components/schemas/Base'}
      - type: object
        properties:
          mail: {type: string, format: email, example: ann@contoso.com}
          born: {type: string, format: date, x-classification: pii}
          boss: {$ref: '#/components/schemas/Person'}
          addresses: {type: array, items: {type: object, properties: {street: {type: string}}}}
          pay: {oneOf: [{type: number}, {type: object, properties: {amount: {type: integer}, 'a/b~c': {type: string}}}]}
          more: {type: object, additionalProperties: {type: string}}
"""


def test_each_response_field_of_each_operation() -> None:
    source = openapi.read(API)
    assert (source.id, source.version, [item.name for item in source.objects]) == (
        "People",
        "7",
        ["GET /people/{id}"],
    )
    fields = {field.name: field for field in source.objects[0].fields}
    assert set(fields) == {
        "id", "mail", "born", "boss", "addresses[].street", "pay.amount", "pay.a/b~c", "more.*", "detail"
    }  # fmt: skip
    assert (fields["mail"].type, fields["mail"].examples) == (FieldType.EMAIL, ("ann@contoso.com",))
    assert (fields["born"].type, fields["born"].classification) == (FieldType.DATE, "pii")
    assert (fields["id"].type, fields["id"].required) == (FieldType.INTEGER, True)
    as_json = large_api.json.dumps(openapi.parse(API).value).encode()
    assert openapi.read(as_json).objects[0].fields[0].name == source.objects[0].fields[0].name


def test_a_document_of_more_than_500_kb_with_circles_is_read_in_seconds() -> None:
    content = large_api.text()
    assert len(content) > 500_000
    started = time.process_time()
    source = openapi.read(content)
    assert time.process_time() - started < 15
    assert len(source.objects) == 900
    assert 10_000 < source.field_count <= 40_000
    first = {field.name for field in source.objects[0].fields}
    assert "itself" in first  # what contains itself stays one field


def zip_of(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("_", "."), content)
    return file.getvalue()


def api(old: str, new: str) -> bytes:
    made = API.decode().replace(old, new, 1)
    assert made != API.decode()
    return made.encode()


CONTRACT = b"""apiVersion: v3.1.0
kind: DataContract
id: c
version: 1.0.0
status: active
schema:
- name: people
  properties:
  - {name: email, logicalType: string}
"""
# (name, kind, content, code, line)
BROKEN: list[tuple[str, str, bytes, str, int]] = [
    ("empty file", "file", b" \n", "empty", 0),
    ("no names", "file", b";;\n1;2;3\n", "no_header", 2),
    ("nothing but separators", "file", b",,\n", "no_columns", 1),
    ("values at the top", "file", b"ann@contoso.com,12\nbob@contoso.com,13\n", "no_header", 1),
    ("a name twice", "file", b"a,b,A\n1,2,3\n", "same_column", 1),
    ("a column without a name", "file", b"a,,c\n1,2,3\n", "empty_name", 1),
    ("a row that is too long", "file", b"a,b\n1,2\n1,2,3\n", "long_row", 3),
    ("a quote that never ends", "file", b'a,b\n1,"2\n3,4\n', "csv", 3),
    ("binary", "file", b"a,b\n\x00\x01\x02", "no_text", 2),
    ("an old workbook", "file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "old_excel", 0),
    ("a zip that is no workbook", "file", zip_of(a_txt=b"hello"), "not_excel", 0),
    ("a workbook cut off", "file", workbook(("A", [["x"], [1]]))[:900], "not_excel", 0),
    ("a workbook that explodes", "file", zip_of(big_xml=b"0" * (files.MAX_UNPACKED + 1)), "unpacks_too_large", 0),
    ("a sheet with a name twice", "file", workbook(("A", [["x", "x"]])), "same_column", 1),
    ("Parquet cut off", "file", parquet(pa.table({"a": [1]}))[:60], "not_parquet", 0),
    ("a file that is too large", "file", b"a\n" * (files.MAX_BYTES // 2 + 1), "too_large", 0),
    ("no API", "openapi", b"hello: 1\n", "not_openapi", 1),
    ("Swagger 2", "openapi", b"swagger: '2.0'\ninfo: {title: x}\npaths: {/a: {}}\n", "openapi_version", 1),
    ("an API without a title", "openapi", api("title: People, ", ""), "required", 2),
    ("an API without paths", "openapi", b"openapi: 3.1.0\ninfo: {title: x}\n", "required", 1),
    ("an operation that is a list", "openapi", api("delete: {responses: {'204': {description: nothing}}}", "delete: []"), "type", 14),
    ("a reference to nothing", "openapi", api("#/components/schemas/Base", "#/components/schemas/Bass"), "bad_ref", 22),
    ("a reference to a file", "openapi", api("#/components/responses/Gone", "errors.yaml#/Gone"), "outside_ref", 13),
    ("an API that answers nothing", "openapi", b"openapi: 3.0.0\ninfo: {title: x}\npaths: {/a: {get: {responses: {}}}}\n", "no_responses", 3),
    ("aliases that multiply", "openapi", b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 10)) for n in range(9)), "too_many", 1),
    ("JSON cut off", "openapi", b'{"openapi": "3.0.0", "info": {', "syntax", 1),
    ("a contract of another kind of YAML", "odcs", b"- 1\n- 2\n", "not_contract", 1),
    ("a contract of version 2", "odcs", CONTRACT.replace(b"v3.1.0", b"v2.2.2"), "api_version", 1),
    ("a contract with an unknown type", "odcs", CONTRACT.replace(b"string", b"strang"), "enum", 9),
    ("a contract with a key twice", "odcs", CONTRACT + b"id: d\n", "duplicate_key", 10),
    ("a contract that is nested for ever", "odcs", b"[" * 5000, "too_deep", 1),
]  # fmt: skip
READERS = {"file": lambda content: files.read(content, "x.csv"), "openapi": openapi.read, "odcs": odcs.read}


@pytest.mark.parametrize(
    ("kind", "content", "code", "line"), [one[1:] for one in BROKEN], ids=[one[0] for one in BROKEN]
)
def test_a_broken_input_is_told_with_its_place(kind: str, content: bytes, code: str, line: int) -> None:
    started = time.monotonic()
    with pytest.raises(BrokenFile) as broken:
        READERS[kind](content)
    problem = broken.value.problems[0]
    assert (problem.code, problem.line) == (code, line)
    assert len(problem.text()) > 15
    assert time.monotonic() - started < 20
