"""Data contracts: both real files whole, and every fault of a broken one with its line."""

from pathlib import Path

import pytest

from datacatalog.problems import BrokenFile
from datacatalog.sources import odcs
from datacatalog.sources.base import Source
from datacatalog.specs import FieldType

FILES = Path(__file__).parents[2] / "data" / "odcs"
FULL = (FILES / "full-example.odcs.yaml").read_text()
HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"


@pytest.fixture(scope="module")
def adventure_works() -> Source:
    return odcs.read((FILES / "postgresql-adventureworks-contract.odcs.yaml").read_bytes())


def test_the_large_contract_comes_in_whole(adventure_works: Source) -> None:
    assert (len(adventure_works.objects), adventure_works.field_count) == (68, 456)
    employee = next(item for item in adventure_works.objects if item.name == "employee")
    fields = {item.name: item for item in employee.fields}
    assert fields["nationalidnumber"].tags == ("sensitive",)
    assert fields["birthdate"].type is FieldType.DATE
    assert fields["modifieddate"].type is FieldType.DATETIME
    assert fields["salariedflag"].type is FieldType.BOOLEAN
    assert fields["businessentityid"].required
    assert fields["nationalidnumber"].line == 73


def test_the_full_example_keeps_classes_titles_and_examples() -> None:
    contract = odcs.read(FULL.encode())
    assert [(item.title, len(item.fields)) for item in contract.objects] == [
        ("Core Payment Metrics", 3),
        ("Receivers Master Data", 4),
    ]
    first = contract.objects[0].fields[0]
    assert (first.label, first.classification) == ("transaction reference date", "public")
    assert first.examples == ("2022-10-03", "2020-01-28")
    assert contract.purpose == "Views built on top of the seller tables."


def test_nested_properties_are_fields_with_dotted_names() -> None:
    text = HEAD + (
        "schema:\n- name: t\n  properties:\n"
        "  - name: person\n    logicalType: object\n    properties:\n    - name: email\n"
        "  - name: tags\n    logicalType: array\n    items:\n      logicalType: object\n"
        "      properties:\n      - name: word\n"
    )
    names = [item.name for item in odcs.read(text.encode()).objects[0].fields]
    assert names == ["person", "person.email", "tags", "tags[].word"]


def test_retention_among_the_service_levels_is_read_in_days() -> None:
    text = HEAD + (
        "schema:\n- {name: t, properties: [{name: a}]}\n- {name: u, properties: [{name: a}]}\n"
        "slaProperties:\n- {property: retention, value: 3, unit: y, element: t.a}\n"
    )
    assert [item.retention_days for item in odcs.read(text.encode()).objects] == [1095, None]


BROKEN = [
    ("logicalType: date", "logicalType: dat", "enum", 71, "schema[0].properties[0].logicalType"),
    ("        required: false", "        requird: false", "unknown_key", 73, "schema[0].properties[0]"),
    ("kind: DataContract", "kind: Contract", "enum", 23, "kind"),
    ("    name: tbl\n", "", "required", 37, "schema[0]"),
    (
        "classification: public",
        "classification: [public]",
        "type",
        79,
        "schema[0].properties[0].classification",
    ),
    ("apiVersion: v3.1.0", "apiVersion: v2.2.2", "api_version", 24, "apiVersion"),
    ("apiVersion: v3.1.0", "apiVersion: v4.0.0", "api_version", 24, "apiVersion"),
    ("status: active\n", "", "required", 2, ""),
    ("required: false", "required: maybe", "type", 73, "schema[0].properties[0].required"),
    (
        "name: rcvr_id\n",
        "name: transaction_reference_date\n",
        "same_name",
        93,
        "schema[0].properties[1].name",
    ),
    ("name: rcvr_id\n", "name: a\n        name: b\n", "duplicate_key", 94, "schema[0].properties[1]"),
    ("tags: [ ]", "tags: {a: 1}", "type", 78, "schema[0].properties[0].tags"),
    ("name: rcvr_id\n", f"name: {'x' * 201}\n", "too_long", 93, "schema[0].properties[1].name"),
]


@pytest.mark.parametrize(("old", "new", "code", "line", "path"), BROKEN)
def test_a_fault_is_told_with_line_and_path(old: str, new: str, code: str, line: int, path: str) -> None:
    assert old in FULL
    with pytest.raises(BrokenFile) as broken:
        odcs.read(FULL.replace(old, new, 1).encode())
    problem = broken.value.problems[0]
    assert (problem.code, problem.line, problem.path) == (code, line, path)
    assert problem.text()


def test_several_faults_are_told_at_once_in_the_order_of_lines() -> None:
    text = FULL.replace("kind: DataContract", "kind: Contract").replace(
        "logicalType: date", "logicalType: dat"
    )
    with pytest.raises(BrokenFile) as broken:
        odcs.read(text.encode())
    assert [problem.line for problem in broken.value.problems] == [23, 71]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[1, 2]", "not_contract"),
        ("a: 1", "not_contract"),
        (HEAD, "no_schema"),
        (HEAD + "schema: []\n", "no_schema"),
        (HEAD + "schema:\n- name: t\n", "no_fields"),
        (
            HEAD + "schema:\n- {name: t, properties: [{name: a}]}\n- {name: t, properties: [{name: a}]}\n",
            "same_name",
        ),
    ],
)
def test_what_holds_no_dataset_is_refused(text: str, code: str) -> None:
    with pytest.raises(BrokenFile) as broken:
        odcs.read(text.encode())
    assert code in {problem.code for problem in broken.value.problems}
