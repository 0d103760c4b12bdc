"""From a finding's params to places: also of rules that nobody has written yet."""

from collections.abc import Mapping
from typing import Any

import pytest

from catalog import manifest as m
from catalog.lint.examine import Examined
from catalog.lint.files import Source
from catalog.lint.places import findings
from policy.outcome import NOTHING, Finding, Kind, Outcome, Tier
from tests.manifests import CORPUS

LEADS = Source(CORPUS / "good" / "leads.yaml")
LOADED = m.load(
    LEADS.path.read_text().replace(
        "roles:",
        "connectors:\n  - id: crm\n    operations: [lead.create, lead.update]\n"
        "  - id: erp\n    operations: [lead.update]\nroles:",
    )
)
EXAMINED = Examined(LEADS, manifest=m.build(LOADED.data), places=LOADED.places)


def where(params: Mapping[str, Any], kind: Kind = Kind.DENY) -> list[str]:
    outcome = Outcome(
        allow=kind is not Kind.DENY,
        findings=(Finding("new.rule", "odd", kind, params),),
        obligations=NOTHING,
        tier=Tier.NONE,
    )
    return [f"{one.where}@{one.line}" for one in findings(EXAMINED, outcome)]


def line(path: tuple[str | int, ...]) -> int:
    return LOADED.places[path].line


@pytest.mark.parametrize(
    ("params", "paths"),
    [
        (
            {"fields": ["f_00000003", "f_00000001"]},
            [("datasets", 0, "fields", 0), ("datasets", 0, "fields", 2)],
        ),
        (
            {"paths": ["/metadata/title", "/datasets/0/fields/1/label"]},
            [("metadata", "title"), ("datasets", 0, "fields", 1, "label")],
        ),
        ({"connector": "erp", "operations": ["lead.update"]}, [("connectors", 1, "operations", 0)]),
        (
            {"operations": ["lead.update"]},
            [("connectors", 0, "operations", 1), ("connectors", 1, "operations", 0)],
        ),
        ({"connector": "crm"}, [("connectors", 0)]),
        ({"connectors": ["crm", "erp"]}, [("connectors", 0), ("connectors", 1)]),
        ({"roles": ["member"]}, [("roles", 0)]),
        ({"datasets": ["leads"]}, [("datasets", 0)]),
    ],
)
def test_params_lead_to_places(params: dict[str, Any], paths: list[tuple[str | int, ...]]) -> None:
    assert where(params) == [f"{m.Problem('value', path).where}@{line(path)}" for path in paths]
    assert where(params, Kind.WARN) == where(params)[:1]
    assert where(params, Kind.OK) == []


@pytest.mark.parametrize("params", [{}, {"count": 3}, {"fields": ["f_gone"]}, {"roles": ["manager"]}])
def test_what_names_nothing_stands_at_the_top(params: dict[str, Any]) -> None:
    assert where(params) == ["@1"]


def test_no_answer_is_a_denial() -> None:
    [found] = findings(EXAMINED, None)
    assert (found.code, found.level) == ("engine.unavailable/denied", "error")
