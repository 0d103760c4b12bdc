"""A draft of the rules replayed over what was decided: it finds each change, and nothing else (P7)."""

import json
import random
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from identity.tenancy import tenant_scope
from policy.checks.generate import Inputs
from policy.rulebook import LIBRARY
from policy.simulation import kept_questions
from portal import simulate
from portal.cli import main
from tests import apps, live_apps
from tests.cast import Cast
from tests.exceptions import export
from tests.integration.policy.stored import decided_before, outcomes
from tests.integration.runtime.test_records import events
from tests.rego_draft import CODE, copied, freezing


def run(
    library: Path, capsys: pytest.CaptureFixture[str], opa: str = "", days: int = 30
) -> tuple[int, dict[str, Any]]:
    code = simulate.run(library, slug="contoso", days=days, opa=opa, as_json=True)
    return code, json.loads(capsys.readouterr().out)


def app_of(document: dict[str, Any]) -> str:
    app = document.get("resource", {}).get("app") or {}
    return str(app.get("id", ""))


def test_it_finds_exactly_what_a_rule_more_denies(
    committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant, r = committed_cast.tenant.pk, random.Random(7)
    source = Inputs(7)
    documents = [source.next() for _n in range(300)]
    decided_before(tenant, documents * 2)  # equal facts are asked once and counted as often as they came
    decided_before(tenant, documents[:100], outcomes(documents[:100]))  # by the rules in force, known to them
    frozen = {f"a-{n}" for n in r.sample(range(50), 6)}
    allowed = [
        one for one, outcome in zip(documents, outcomes(documents), strict=True) if outcome and outcome.allow
    ]
    hit = [app_of(one) for one in allowed if app_of(one) in frozen]
    times = sum(3 if one in documents[:100] else 2 for one in allowed if app_of(one) in frozen)
    assert hit
    code, told = run(freezing(tmp_path, frozen), capsys)
    assert code == 1
    denied = [row for row in told["changes"] if row["effect"] == "denied"]
    assert sum(row["times"] for row in denied) == times
    assert {row["app"] for row in denied} == set(hit)
    assert all(row["rules"] == [CODE] for row in denied)
    assert {row["effect"] for row in told["changes"]} == {"denied"}
    assert told["asked"] == 700


def test_the_same_rules_change_nothing_and_leave_nothing(
    committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = live_apps.make_app(committed_cast.lena)
    export(app, committed_cast.mia, target="eu")
    before = len(events())
    code, told = run(copied(tmp_path), capsys)
    assert (code, told["changes"], told["without_answer"]) == (0, [], 0)
    assert told["asked"] >= 2, "a decision that was kept, and the live app"
    assert len(events()) == before, "a simulation is on no record"


def test_live_and_pending_apps_are_asked_too(
    committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cast = committed_cast
    live = live_apps.make_app(cast.lena)
    with tenant_scope(cast.tenant.pk):
        waiting = apps.submitted(cast.lena, title="Autumn leads")
    frozen = {str(live.pk), str(waiting.app_id)}
    _code, told = run(freezing(tmp_path, frozen), capsys, days=0)
    found = {(row["source"], row["title"], row["owner"]) for row in told["changes"]}
    assert found == {("live", live.title, "Lena Marsh"), ("pending", "Autumn leads", "Lena Marsh")}


@pytest.mark.needs_opa
def test_opa_finds_the_same(
    committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], opa_binary: str
) -> None:
    source = Inputs(11)
    decided_before(committed_cast.tenant.pk, [source.next() for _n in range(200)])
    library = freezing(tmp_path, {f"a-{n}" for n in range(0, 50, 3)})
    assert run(library, capsys) == run(library, capsys, opa=opa_binary)


def test_other_approvals_and_masks_are_told(
    committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live = live_apps.make_app(committed_cast.lena)
    library = copied(tmp_path)
    tiers = library / "approval_tier.rego"
    text = tiers.read_text()
    assert '"high_risk_fields"' in text
    tiers.write_text(
        text.replace("facts.high_level", "99").replace("count(facts.high) > 0", "count(facts.high) > 99")
    )
    _code, told = run(library, capsys)
    [row] = [row for row in told["changes"] if row["source"] == "live"]
    assert (row["effect"], row["title"]) == ("approval", live.title)
    assert row["before"] != row["after"]


@pytest.mark.parametrize("broken", ["package portal.main\n\ndecision := {", ""], ids=["syntax", "nothing"])
def test_a_draft_that_does_not_build_is_refused(
    committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    library = copied(tmp_path)
    (library / "main.rego").write_text(broken)
    assert simulate.run(library, slug="contoso", days=1, opa="", as_json=True) == 2
    assert "cannot be asked" in capsys.readouterr().err


def test_what_is_not_there_is_told(
    tmp_path: Path, committed_cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate.run(tmp_path, slug="contoso", days=1, opa="", as_json=False) == 2
    assert simulate.run(LIBRARY, slug="nowhere", days=1, opa="", as_json=False) == 2
    assert "there is no tenant nowhere" in capsys.readouterr().err


def test_only_decisions_of_the_last_days_are_asked(committed_cast: Cast) -> None:
    source, tenant = Inputs(3), committed_cast.tenant.pk
    decided_before(tenant, [source.next() for _n in range(20)])
    for since, found in ((timedelta(days=-1), 20), (timedelta(minutes=1), 0)):
        total, questions = kept_questions(tenant=tenant, since=timezone.now() + since)
        assert (total, len(list(questions))) == (found, found)
    since_yesterday = timezone.now() - timedelta(days=1)
    assert kept_questions(tenant=committed_cast.other.pk, since=since_yesterday)[0] == 0


def test_the_command_line_says_it_in_words(
    committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live = live_apps.make_app(committed_cast.lena)
    library = freezing(tmp_path, {str(live.pk)})
    assert main(["policy", "simulate", str(library), "--tenant", "contoso", "--embedded"]) == 1
    told = capsys.readouterr().out
    assert re.search(rf"newly denied +1 +app.submit +{live.title} \(Lena Marsh\), live by zz.frozen", told)
    assert main(["policy", "simulate", str(LIBRARY), "--tenant", "contoso", "--embedded"]) == 0
    assert "Nothing would change." in capsys.readouterr().out
