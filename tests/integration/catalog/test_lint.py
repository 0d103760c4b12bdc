"""`portal check` on the corpus: each bad file is refused with just what it expects (policy issue, Show 5)."""

import json
import shutil
import textwrap
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from catalog import lint
from catalog import manifest as m
from catalog.lint import Basis, Checked, Level, Source
from catalog.lint.codes import codes, explain
from tests import manifests

ROOT = Path(__file__).resolve().parents[3]
ALL = [*manifests.bad(), *manifests.good(), *manifests.templates()]


@pytest.fixture(scope="module")
def checked() -> dict[Path, Checked]:
    return {one.source.path: one for one in lint.check(ALL, Basis.of(), jobs=2)}


def errors(checked: Checked) -> list[tuple[int, str]]:
    return sorted((one.line, one.code) for one in checked.findings if one.level is Level.ERROR)


def write(folder: Path, text: str, name: str = "microapp.yaml") -> Source:
    path = folder / name
    path.write_text(text)
    return Source(path, template=name == "template.yaml")


def base() -> str:
    return (manifests.CORPUS / "good" / "leads.yaml").read_text()


def only(source: Source, basis: Basis | None = None) -> Checked:
    [checked] = lint.check([source], basis or Basis.of())
    return checked


@pytest.mark.parametrize(
    "source", ALL, ids=lambda source: source.path.relative_to(manifests.CORPUS).as_posix()
)
def test_a_file_is_refused_with_just_what_it_expects(source: Source, checked: dict[Path, Checked]) -> None:
    assert errors(checked[source.path]) == manifests.expected(source)


def test_the_corpus_is_large_and_bad() -> None:
    bad = manifests.bad()
    assert len(bad) >= 40
    assert all(manifests.expected(source) for source in bad)
    spoken = {code.partition("/")[0] for source in bad for _line, code in manifests.expected(source)}
    assert len(spoken) >= 30


def test_what_is_too_much_is_not_read(tmp_path: Path) -> None:
    long = only(write(tmp_path, "a: " + "x" * 600_000))
    assert errors(long) == [(1, "manifest.too_large")]
    many = only(write(tmp_path, "a:\n" + "  - x\n" * 41_000))
    assert [code for _line, code in errors(many)] == ["manifest.too_many"]


def test_findings_name_the_very_character(tmp_path: Path) -> None:
    text = base().replace("groups: [Marketing]\n", "groups: [Sales, Märketing, Ünknown]\n")
    found = [one for one in only(write(tmp_path, text)).findings if one.level is Level.ERROR]
    lines = text.splitlines()
    assert [lines[one.line - 1][one.column - 1 :] for one in found] == ["Märketing, Ünknown]", "Ünknown]"]
    assert [one.where for one in found] == ["roles[0].groups[1]", "roles[0].groups[2]"]


def test_json_has_lines_too(tmp_path: Path) -> None:
    text = (manifests.CORPUS / "good" / "leads.json").read_text()
    changed = text.replace('"classification": "internal"', '"classification": "odd"', 1)
    line = next(n for n, at in enumerate(changed.splitlines(), 1) if '"odd"' in at)
    found = errors(only(write(tmp_path, changed, "microapp.json")))
    assert found == [(line, "catalog.untagged_field/classification")]
    one_line = only(write(tmp_path, json.dumps({"kind": "App"}), "microapp.json"))
    assert {line for line, _code in errors(one_line)} == {1}


def test_warnings_do_not_deny_and_come_once(checked: dict[Path, Checked]) -> None:
    one = checked[manifests.CORPUS / "good" / "leads.yaml"]
    assert one.clean
    assert [finding.code for finding in one.findings] == ["approval.tier/asks", "data.pii_masking/masked"]


def test_a_credential_is_never_repeated(tmp_path: Path) -> None:
    secrets = ["AKIA2E0A8F3B244C9986", "ghp_" + "a1B2" * 10, "github_pat_" + "Zx9Q" * 20]
    for secret in secrets:
        for text in (
            base().replace("name: spring-event-leads", f"name: {secret}"),
            base().replace("unit: Marketing", f"{secret}: Marketing"),
            base().replace("title: Leads", f"title: {secret}"),
            base().replace("owner: ", f"unit: Sales\n  {secret}: a\n  {secret}: "),
        ):
            checked = only(write(tmp_path, text))
            assert not checked.clean
            assert not any(secret[:30] in str(finding) for finding in checked.findings)


def test_nothing_that_is_reported_steers_a_terminal(tmp_path: Path) -> None:
    text = base().replace("region: eu", 'region: "\\e[31m\\n::set-output name=x::y"')
    for finding in only(write(tmp_path, text)).findings:
        assert finding.message.isprintable()
        assert finding.where.isprintable()


# -- what only a portal knows ---------------------------------------------------------------------------


def test_a_scheme_takes_the_place_of_the_words_that_ship(tmp_path: Path) -> None:
    scheme = tmp_path / "scheme.yaml"
    scheme.write_text(
        "classifications:\n"
        "  - {code: secret, level: 3, retention_min_days: 30, retention_max_days: 90}\n"
        "regions:\n  - {code: mars, jurisdiction: mars}\n"
    )
    text = base().replace("residency: eu", "residency: mars").replace("region: eu", "region: mars")
    text = text.replace("classification: pii", "classification: secret")
    text = text.replace("classification: internal", "classification: secret\n        retention_days: 31")
    source = write(tmp_path, text.replace("retention_days: 365", "retention_days: 7"))
    assert {code for _line, code in errors(only(source))} == {
        "catalog.untagged_field/classification",
        "catalog.untagged_field/residency",
    }
    assert [code for _line, code in errors(only(source, Basis.of(scheme=scheme)))] == [
        "retention.bounds/too_short"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "- a\n",
        "classifications: []\n",
        "regions:\n  - {code: eu}\n",
        "regions: [{code: EU, jurisdiction: eu}]\n",
        "{",
    ],
)
def test_a_broken_scheme_is_refused(tmp_path: Path, text: str) -> None:
    scheme = tmp_path / "scheme.yaml"
    scheme.write_text(text)
    with pytest.raises(ValueError, match=r"line \d"):
        Basis.of(scheme=scheme)


def test_an_app_of_a_template_of_ones_own(tmp_path: Path) -> None:
    shutil.copytree(manifests.CORPUS / "templates" / "good", tmp_path / "library" / "good")
    template = tmp_path / "library" / "good" / "template.yaml"
    operation = "{id: lead.create, title: Make a lead, access: write}"
    connector = f"connectors: [{{id: crm, title: CRM, operations: [{operation}]}}]"
    template.write_text(template.read_text().replace("connectors: []", connector))
    text = base().replace("id: marketing-lead-capture", "id: good").replace(": pii", ": internal")
    connectors = "connectors:\n  - id: crm\n    operations: [lead.create]\nroles:"
    source = write(tmp_path, text.replace("roles:", connectors))
    assert [code for _line, code in errors(only(source))] == ["connector.least_privilege/operation"]
    assert only(source, Basis.of(libraries=[tmp_path / "library"])).clean
    with pytest.raises(FileNotFoundError, match=r"template\.yaml"):
        Basis.of(libraries=[tmp_path / "library" / "good"])


# -- many -----------------------------------------------------------------------------------------------


def test_several_processes_find_the_same_in_the_same_order(tmp_path: Path) -> None:
    sources = []
    for number in range(90):
        (tmp_path / str(number)).mkdir()
        text = base().replace("residency: eu", "residency: mars", number % 3)
        sources.append(write(tmp_path / str(number), text))
    several = lint.check(sources, Basis.of(), jobs=2)
    assert several == lint.check(sources, Basis.of(), jobs=1)
    assert [one.clean for one in several[:6]] == [True, False, False] * 2


def test_the_guide_s_scheme_is_one(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "guides" / "check-in-ci.md").read_text()
    example = guide[guide.index("  classifications:") : guide.index("  ```\n\n- **Your templates")]
    scheme = tmp_path / "scheme.yaml"
    scheme.write_text(textwrap.dedent(example))
    words = Basis.of(scheme=scheme).words
    assert (list(words.classifications), list(words.regions)) == (["internal", "pii"], ["eu", "ch"])
    assert words.classifications["pii"].retention_max_days == 730


# -- files ----------------------------------------------------------------------------------------------


def test_folders_are_searched_for_the_names_of_the_format(tmp_path: Path) -> None:
    wanted = ["a/microapp.yaml", "a/b/leads.microapp.yaml", "c/microapp.json", "t/template.yaml"]
    for name in [
        *wanted,
        "a/other.yaml",
        ".git/microapp.yaml",
        "node_modules/x/microapp.yaml",
        "old/microapp.yml",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    found = lint.find([tmp_path, tmp_path / "a"], ["*/old/*"])
    assert {one.path.relative_to(tmp_path).as_posix() for one in found} == set(wanted)
    assert {one.path.name for one in found if one.template} == {"template.yaml"}
    with pytest.raises(FileNotFoundError):
        lint.find([tmp_path / "nowhere.yaml"])


# -- codes ----------------------------------------------------------------------------------------------


def test_every_code_of_the_corpus_is_explained() -> None:
    for source in ALL:
        for _line, code in manifests.expected(source):
            assert code.partition("/")[0] in codes()
    told = explain("retention.bounds/too_long")
    for part in (
        "Values are kept for a bounded time",
        "What makes it pass",
        "medium",
        "GDPR Art. 5(1)(e)",
        "too_long (deny)",
    ):
        assert part in told
    with pytest.raises(KeyError):
        explain("no.such_rule")


# -- the published schema ---------------------------------------------------------------------------------


def test_the_published_schema_says_what_is_checked() -> None:
    published = json.loads((ROOT / "docs" / "reference" / "microapp-v1.schema.json").read_text())
    Draft202012Validator.check_schema(published)
    assert published["properties"]["apiVersion"] == {
        "const": m.API_VERSION,
        "description": "Version of this format.",
    }
    validator = Draft202012Validator(published)
    for source in manifests.good():
        assert validator.is_valid(m.load(source.path.read_bytes()).data)
    shape = {
        f"manifest.{code}" for code in ("required", "unknown", "choice", "pattern", "minimum", "too_long")
    }
    refused = [one for one in manifests.bad() if {code for _line, code in manifests.expected(one)} <= shape]
    assert len(refused) >= 15
    assert not any(validator.is_valid(m.load(source.path.read_bytes()).data) for source in refused)
