"""Drafts' contents: fields come, go and move; names and addresses are made of what people type."""

import re

import pytest

from catalog import content as drafting
from catalog.templates import registry


def begun() -> drafting.Content:
    return drafting.begin(registry()["team-dashboard"], owner="someone", unit="IT")


def names(content: drafting.Content) -> list[str]:
    return [field["name"] for field in content["datasets"][0]["fields"]]


def test_ids_are_fresh_sortable_and_fit_a_column() -> None:
    ids = [drafting.field_id() for _ in range(200)]
    assert len(set(ids)) == 200
    assert all(re.fullmatch(r"f_[0-9a-hjkmnp-tv-z]{26}", one) for one in ids)
    assert {field["id"] for field in begun()["datasets"][0]["fields"]}.isdisjoint(
        field["id"] for field in begun()["datasets"][0]["fields"]
    )


def test_changes_leave_the_given_content_alone() -> None:
    content = begun()
    before = names(content)
    first = content["datasets"][0]["fields"][0]["id"]
    assert names(drafting.remove_field(content, first)) == before[1:]
    assert names(drafting.move_field(content, first, 1)) == [before[1], before[0], *before[2:]]
    assert names(drafting.move_field(content, first, -1)) == before
    assert names(drafting.move_field(content, "f_nothing0", 1)) == before
    added = drafting.add_fields(content, [drafting.new_field(name="title"), drafting.new_field(name="title")])
    assert names(added)[-2:] == ["title_2", "title_3"]
    assert names(content) == before


def test_there_is_an_end_to_fields() -> None:
    many = [drafting.new_field(name=f"n{at}") for at in range(300)]
    assert len(names(drafting.add_fields(begun(), many))) == drafting.MAX_FIELDS


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Work e-mail", "work_e_mail"),
        ("Größe der Straße", "grosse_der_strasse"),
        ("1st choice", "st_choice"),
        ("日本語", ""),
        ("  ", ""),
        ("x" * 90, "x" * 40),
    ],
)
def test_machine_names_are_made_of_labels(typed: str, name: str) -> None:
    assert drafting.name_of(typed) == name


def test_addresses_are_made_of_titles() -> None:
    assert drafting.slug_of("Spring Event: Leads 2027!") == "spring-event-leads-2027"


def test_charts_follow_the_fields_that_are_left() -> None:
    template = registry()["team-dashboard"]
    content = begun()
    content["metadata"] |= {"name": "a", "title": "A"}
    fields = {field["name"]: field["id"] for field in content["datasets"][0]["fields"]}
    page = drafting.manifest_of(template, content).pages[0]
    assert {chart.field for chart in page.charts} == {fields["health"], fields["area"]}
    content = drafting.remove_field(drafting.remove_field(content, fields["health"]), fields["area"])
    assert drafting.manifest_of(template, content).pages[0].charts == ()
    assert drafting.problems(template, content) == []
