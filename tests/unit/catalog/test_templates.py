"""The library: every template makes an app, a broken one is found at start, locked parts hold."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from catalog import content as drafting
from catalog import manifest as m
from catalog import templates
from catalog.checks import check_template, check_templates
from catalog.suggestions import offer
from catalog.vocabulary import Vocabulary
from datacatalog.models import Classification, Region
from datacatalog.schemes import CLASSIFICATIONS, REGIONS

LIBRARY = sorted(templates.registry())


def words() -> Vocabulary:
    """What every tenant starts with, without a database."""
    classes = [Classification(code=one.code, title=one.title, level=one.level) for one in CLASSIFICATIONS]
    regions = [Region(code=one.code, title=one.title, jurisdiction=one.jurisdiction) for one in REGIONS]
    return Vocabulary({one.code: one for one in classes}, {one.code: one for one in regions})


def made(template: templates.Template) -> m.Manifest:
    content = drafting.begin(template, owner="someone", unit="Marketing")
    content["metadata"] |= {"name": "an-app", "title": "An app"}
    return drafting.manifest_of(template, content)


def test_the_library_has_its_templates_and_all_pass() -> None:
    assert LIBRARY == ["intake-form", "marketing-lead-capture", "team-dashboard"]
    assert check_templates() == []


@pytest.mark.parametrize("name", LIBRARY)
def test_a_template_keeps_its_own_locked_parts_and_reads_back(name: str) -> None:
    template = templates.registry()[name]
    manifest = made(template)
    assert template.untouched(manifest)
    content = drafting.of_manifest(manifest, owner=manifest.metadata.owner)
    assert drafting.manifest_of(template, content) == manifest


@pytest.mark.parametrize(("own", "expected"), [("", "us"), ("eu", "eu")])
def test_a_connector_lies_in_the_apps_region_unless_the_template_says_where(own: str, expected: str) -> None:
    template = templates.registry()["marketing-lead-capture"]
    template = dataclasses.replace(
        template, connectors=(dataclasses.replace(template.connectors[0], region=own),)
    )
    content = drafting.begin(template, owner="someone", unit="Marketing")
    content["metadata"] |= {"name": "an-app", "title": "An app"}
    content["hosting"]["region"] = "us"
    manifest = drafting.manifest_of(template, content)
    assert [one.region for one in manifest.connectors] == [expected]
    assert template.untouched(manifest)
    elsewhere = dataclasses.replace(manifest.connectors[0], region="apac")
    assert not template.untouched(dataclasses.replace(manifest, connectors=(elsewhere,)))


@pytest.mark.parametrize("name", LIBRARY)
def test_no_template_is_tagged_lower_than_what_is_surely_suggested(name: str) -> None:
    """Otherwise a builder would have to explain a choice that is not theirs."""
    known = words()
    for dataset in drafting.begin(templates.registry()[name], owner="", unit="")["datasets"]:
        for field in dataset["fields"]:
            found = offer(field, dataset["title"], known)
            if found and found.sure:
                suggested, chosen = known.level(found.classification), known.level(field["classification"])
                assert suggested is not None
                assert chosen is not None
                assert chosen >= suggested, (field["name"], found)


@pytest.mark.parametrize(
    "change",
    [
        {"connectors": (m.Connector("crm", ("lead.create", "account.lookup", "lead.export")),)},
        {"connectors": ()},
        {"guardrails": m.Guardrails(10_000)},
        {"guardrails": m.Guardrails(None)},
        {"locked": ()},
        {"roles": ()},
        {"identity": m.Identity("password")},
        {"template": m.TemplateRef("marketing-lead-capture", "0.9.0")},
    ],
)
def test_a_changed_locked_part_is_a_design_of_its_own(change: dict[str, object]) -> None:
    template = templates.registry()["marketing-lead-capture"]
    assert not template.untouched(dataclasses.replace(made(template), **change))


def test_groups_are_the_builders_to_choose() -> None:
    template = templates.registry()["marketing-lead-capture"]
    manifest = made(template)
    roles = tuple(dataclasses.replace(role, groups=("Marketing",)) for role in manifest.roles)
    chosen = dataclasses.replace(manifest, roles=roles, identity=m.Identity(groups=("Marketing",)))
    assert template.untouched(chosen)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("type: email", "type: letter", "not one of"),
        ("    classification: pii", "", "lacks tags"),
        ("locked: [identity, connectors, roles, guardrails]", "locked: []", "must be locked"),
        ("id: marketing-lead-capture", "id: something-else", "not one of"),
        ("version: 1.0.0", "version: 1.0", "three numbers"),
        ("permissions: [record.create,", "permissions: [record.steal,", "not one of"),
        ("title: Marketing lead capture", "", "missing"),
        ("charts: [lead_source", "charts: &x [lead_source", "Anchors"),
    ],
)
def test_a_broken_template_is_told_with_its_file(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = tmp_path / "marketing-lead-capture"
    shutil.copytree(templates.LIBRARY / "marketing-lead-capture", folder)
    file = folder / templates.TEMPLATE_FILE
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    found = check_template(folder)
    assert found
    assert any(part in f"{error.id} {error.msg}" for error in found for part in said.split("|"))
    assert all(error.msg.startswith("marketing-lead-capture") for error in found)
