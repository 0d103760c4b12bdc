"""The format: what is taken, what is refused, and where the error is said to be."""

import hashlib
import json

import pytest
from hypothesis import given, settings

from catalog import manifest as m
from tests.unit.catalog.manifests import LEADS, leads, manifests


def problems(text: str | bytes) -> list[m.Problem]:
    with pytest.raises(m.ManifestError) as caught:
        m.parse(text)
    return list(caught.value.problems)


LIMITS = "connectors[0].guardrails"


def limited(guardrails: str) -> tuple[str, str]:
    """What to replace, and by what, so that the connector has these guardrails."""
    return "[lead.create]", f"[lead.create], guardrails: [{guardrails}]"


@settings(max_examples=60)
@given(manifests())
def test_canonical_form_reads_back_as_the_same_manifest(manifest: m.Manifest) -> None:
    assert m.check(m.to_data(manifest)) == []
    assert m.parse(m.canonical(manifest)) == manifest


@settings(max_examples=30)
@given(manifests())
def test_differences_are_empty_exactly_when_digests_are_equal(manifest: m.Manifest) -> None:
    other = leads()
    assert m.diff(manifest, manifest) == []
    assert bool(m.diff(other, manifest)) is (m.digest(other) != m.digest(manifest))


def test_yaml_and_json_of_the_same_app_have_one_digest() -> None:
    as_json = json.dumps(m.to_data(leads()), indent=2)
    assert m.digest(m.parse(as_json)) == m.digest(leads())
    assert m.digest(leads()) == hashlib.sha256(m.canonical(leads())).hexdigest()


def test_an_added_member_at_its_default_keeps_the_digest() -> None:
    spelled_out = LEADS.replace(
        "        required: true\n", '        required: true\n        downgrade_reason: ""\n'
    )
    assert m.digest(m.parse(spelled_out)) == m.digest(leads())


@pytest.mark.parametrize(
    ("old", "new", "code", "where", "line"),
    [
        ("provider: sso", "provider: password", "sso_only", "identity.provider", 11),
        (
            "        name: work_email",
            "        name: Work E-Mail",
            "pattern",
            "datasets[0].fields[0].name",
            18,
        ),
        ("name: company", "name: work_email", "twice", "datasets[0].fields[1].name", 26),
        ("id: f_0company0,", "id: f_0email000,", "twice", "datasets[0].fields[1].id", 26),
        ("fields: [f_0email000, f_0company0]", "fields: [f_00000000]", "no_field", "pages[0].fields[0]", 32),
        ("dashboard, dataset: leads", "dashboard, dataset: guests", "no_dataset", "pages[1].dataset", 33),
        ("options: [Fair, Web]", "options: [Fair]", "options_missing", "datasets[0].fields[2].options", 27),
        (
            "label: Company, type: text",
            "label: Company, type: varchar",
            "choice",
            "datasets[0].fields[1].type",
            26,
        ),
        ("retention_days: 365", "retention_days: 0", "minimum", "datasets[0].fields[0].retention_days", 25),
        ("retention_days: 365", "retention_days: soon", "type", "datasets[0].fields[0].retention_days", 25),
        (
            "groups: [Marketing], perm",
            "groups: [Sales], perm",
            "group_without_access",
            "roles[0].groups[0]",
            30,
        ),
        ("hosting: {region: eu}", "hosting: {region: eu, cloud: x}", "unknown", "hosting.cloud", 10),
        ("  title: Spring event leads\n", "", "required", "metadata", 3),
        ("record.create, record.list", "record.create, root", "choice", "roles[0].permissions[1]", 30),
        ("version: 1.0.0", "version: 1.0", "pattern", "template.version", 9),
        ("[lead.create]", "[]", "too_few_items", "connectors[0].operations", 28),
        (*limited("{operation: lead.delete}"), "no_operation", f"{LIMITS}[0].operation", 28),
        (*limited("{operation: lead.create, roles: [chief]}"), "no_role", f"{LIMITS}[0].roles[0]", 28),
        (
            *limited("{operation: lead.create}, {operation: lead.create}"),
            "twice",
            f"{LIMITS}[1].operation",
            28,
        ),
        (*limited("{operation: lead.create, access: both}"), "choice", f"{LIMITS}[0].access", 28),
        (*limited("{operation: lead.create, hours: 8-18}"), "pattern", f"{LIMITS}[0].hours", 28),
        (*limited("{operation: lead.create, hours: 24:00-06:00}"), "pattern", f"{LIMITS}[0].hours", 28),
        (*limited("{operation: lead.create, days: [holiday]}"), "choice", f"{LIMITS}[0].days[0]", 28),
        (*limited("{operation: lead.create, per_hour: -1}"), "minimum", f"{LIMITS}[0].per_hour", 28),
        ("[lead.create]", '[lead.create], scope: ["*"]', "pattern", "connectors[0].scope[0]", 28),
        ("title: Leads", "title: 5", "type", "datasets[0].title", 14),
        (
            "kind: form",
            "kind: form, charts: [{field: f_0email000}]",
            "charts_misplaced",
            "pages[0].charts",
            32,
        ),
        ("title: New lead", 'title: "a\\nb"', "control_character", "pages[0].title", 32),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, code: str, where: str, line: int) -> None:
    assert old in LEADS
    found = problems(LEADS.replace(old, new, 1))
    told = {(problem.code, problem.where, problem.line): str(problem) for problem in found}
    assert told[code, where, line].startswith(f"line {line}, {where}: ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("yes", "yes"),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("1", 1),
        ("-007", -7),
        ("1.5", "1.5"),
        ("0x1f", "0x1f"),
        ("2026-01-05", "2026-01-05"),
        ("!!str 1", "1"),
        ("=", "="),
        ("08:00-18:00", "08:00-18:00"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    assert m.load(f"a: {text}").data == {"a": value}
    if "\n" not in text:
        assert m.load(f"a: {{b: {text}}}").data == {"a": {"b": value}}


def test_places_count_characters_from_one() -> None:
    loaded = m.load("é: [a,  {ü: b}]\nlist:\n  - x: 1\n")
    assert loaded.places == {
        (): (1, 1),
        ("é",): (1, 1),
        ("é", 0): (1, 5),
        ("é", 1): (1, 9),
        ("é", 1, "ü"): (1, 10),
        ("list",): (2, 1),
        ("list", 0): (3, 5),
        ("list", 0, "x"): (3, 5),
    }


def test_every_problem_is_reported_at_once() -> None:
    text = LEADS.replace("provider: sso", "provider: local").replace("kind: form", "kind: wiki")
    assert {problem.code for problem in problems(text)} == {"sso_only", "choice"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x [1]\nb: *x\n", "alias"),
        ("a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "alias"),
        ("kind: App\nkind: App\n", "duplicate_key"),
        ('{"kind": 1, "kind": 2}', "duplicate_key"),
        ("[" * 100_000, "too_deep"),
        ('{"a":' * 100_000, "too_deep"),
        ("- 1\n" * 100_000, "too_many"),
        ('{"a": [' + "1," * 100_000 + "1]}", "too_many"),
        ("!!python/object/apply:os.system [id]\n", "tag"),
        ("a: !secret x\n", "tag"),
        ("a: !!int 5\n", "tag"),
        ("!!int a: 5\n", "tag"),
        ("a: x\u2028b: y\n", "control_character"),
        ("a: x\x85b: y\n", "control_character"),
        ("? [a]\n: b\n", "key_type"),
        ("a: 1\n---\nb: 2\n", "several"),
        ("a: b: c\n", "syntax"),
        ('{"a": NaN}', "syntax"),
        ('{"a": ' + "9" * 10_000 + "}", "syntax"),
        (b"\xff\xfe\x00", "not_text"),
        ("x" * (m.MAX_BYTES + 1), "too_large"),
        ("", "type"),
    ],
)
def test_hostile_text_is_refused_before_anything_is_built(text: str | bytes, code: str) -> None:
    assert [problem.code for problem in problems(text)] == [code]


def test_a_lone_surrogate_is_no_text() -> None:
    found = problems(json.dumps(m.to_data(leads())).replace("Follow up", "Follow \\ud800 up"))
    assert [problem.code for problem in found] == ["control_character"]


def test_all_messages_can_be_filled() -> None:
    """Each code's words take the parameters that the code is raised with."""
    words = {"size", "limit", "problem", "tag", "name", "expected", "value", "allowed", "rule", "dataset"}
    words |= {"missing"}
    for code in m.MESSAGES:
        assert "%" not in m.Problem(code, params=dict.fromkeys(words, "x")).message
