"""What policy is told of an app's connectors: the manifest's words beside the template's."""

import subprocess
import sys
from dataclasses import replace

import pytest

from catalog import manifest as m
from catalog.connectors import connector_facts, minutes
from catalog.templates import Template, registry
from policy.inputs import ConnectorFacts, OperationFacts, Target
from tests.unit.catalog.manifests import leads

PLACES = {"eu": Target(region="eu", jurisdiction="eu"), "us": Target(region="us", jurisdiction="us")}


@pytest.fixture
def template() -> Template:
    return registry()["marketing-lead-capture"]


def facts(template: Template | None, *connectors: m.Connector) -> tuple[ConnectorFacts, ...]:
    return connector_facts(replace(leads(), connectors=connectors), template, PLACES.__getitem__)


def test_a_connector_of_the_template_is_told_whole(template: Template) -> None:
    [crm] = facts(template, *template.manifest_connectors("eu"))
    assert crm.region == PLACES["eu"]
    assert crm.operations == crm.allowed == {"lead.create", "account.lookup"}
    assert [(one.name, one.access, one.allowed_access, one.per_hour) for one in crm.details] == [
        ("lead.create", "write", "write", 200),
        ("account.lookup", "read", "read", 600),
    ]


def test_a_manifest_that_says_no_direction_has_the_templates(template: Template) -> None:
    [crm] = facts(template, m.Connector("crm", ("account.lookup",)))
    assert crm.region is None
    assert crm.details == (OperationFacts(name="account.lookup", access="read", allowed_access="read"),)


def test_the_manifests_own_words_stand_beside_the_templates(template: Template) -> None:
    limits = m.OperationGuardrails(
        "account.lookup", "write", ("member",), 5, "22:00-06:30", ("mon",), step_up=True, ticket=True
    )
    declared = m.Connector("crm", ("account.lookup", "lead.steal"), "us", ("a",), (limits,))
    [crm] = facts(replace(template, connectors=(replace(template.connectors[0], scope=("b",)),)), declared)
    assert (crm.region, crm.scope, crm.allowed_scope) == (PLACES["us"], {"a"}, {"b"})
    assert crm.details == (
        OperationFacts(
            name="account.lookup",
            access="write",
            allowed_access="read",
            roles=frozenset({"member"}),
            per_hour=5,
            from_minute=22 * 60,
            until_minute=6 * 60 + 30,
            days=frozenset({"mon"}),
            step_up=True,
            ticket=True,
        ),
        OperationFacts(name="lead.steal"),
    )


def test_without_a_template_nothing_is_allowed() -> None:
    [crm] = facts(None, m.Connector("crm", ("lead.create",)))
    assert crm.allowed == frozenset()
    assert crm.details == (OperationFacts(name="lead.create"),)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [("", (None, None)), ("00:00-24:00", (0, 1440)), ("08:05-18:00", (485, 1080))],
)
def test_hours_are_minutes_of_the_day(hours: str, expected: tuple[int | None, int | None]) -> None:
    assert minutes(hours) == expected


def test_it_knows_no_django() -> None:
    code = "import sys, catalog.connectors; sys.exit(any(n.split('.')[0] == 'django' for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
