"""Differences between two versions."""

import dataclasses

from catalog import manifest as m
from catalog import words
from tests.unit.catalog.manifests import leads, with_field


def test_a_changed_tag_is_told_as_one() -> None:
    changes = m.diff(leads(), with_field(leads(), 0, classification="internal"))
    assert changes == [m.Change("field.changed", "Work email", "classification", "pii", "internal")]
    assert changes[0].tag


def test_a_new_label_is_no_tag() -> None:
    changes = m.diff(leads(), with_field(leads(), 0, label="E-mail"))
    assert [(change.member, change.tag) for change in changes] == [("label", False)]


def test_fields_come_go_and_move() -> None:
    old = leads()
    _, second, third = old.datasets[0].fields
    new_field = m.Field("f_0phone000", "phone", "Phone", "phone", classification="pii")
    dataset = dataclasses.replace(old.datasets[0], fields=(third, second, new_field))
    changes = m.diff(old, dataclasses.replace(old, datasets=(dataset,)))
    assert {(change.code, change.subject) for change in changes} == {
        ("field.added", "Phone"),
        ("field.removed", "Work email"),
        ("fields.reordered", "Leads"),
    }


def test_what_a_connector_may_do_is_told() -> None:
    old = leads()
    limits = m.OperationGuardrails("lead.create", "write", per_hour=5)
    connector = dataclasses.replace(old.connectors[0], region="us", guardrails=(limits,))
    changes = m.diff(old, dataclasses.replace(old, connectors=(connector,)))
    assert {(change.code, change.subject, change.member) for change in changes} == {
        ("connector.changed", "crm", "region"),
        ("connector.changed", "crm", "guardrails"),
    }
    told = {words.change(change) for change in changes}
    assert any("“us”" in text for text in told)
    assert any("“lead.create”, “write”, “5”" in text for text in told)


def test_access_connectors_and_limits_are_told() -> None:
    old = leads()
    new = dataclasses.replace(
        old,
        identity=m.Identity(groups=("Marketing", "Sales")),
        connectors=(),
        guardrails=m.Guardrails(5),
        roles=(dataclasses.replace(old.roles[0], permissions=("record.list",)),),
    )
    told = {(change.code, change.member) for change in m.diff(old, new)}
    assert told == {
        ("access.changed", "groups"),
        ("connector.removed", ""),
        ("guardrails.changed", "exports_per_day"),
        ("role.changed", "permissions"),
    }
