"""The page of a simulation: who sees it, what it says, its files, and what it costs (P7)."""

import csv
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from identity.tenancy import tenant_scope
from policy.models import RulesVersion, Simulation
from policy.services import cancel_simulation, start_simulation
from policy.services.simulations import claim_simulation, finish_simulation, note_progress
from policy.simulation.facts import Change, Effect, Report, Source
from policy.simulation.told import MOST_ROWS, document
from tests import live_apps
from tests.cast import Cast
from tests.scene import sign_in
from tests.simulations import fresh, proposed


@pytest.fixture
def version(committed_cast: Cast) -> RulesVersion:
    return proposed(committed_cast.ada, {"main.rego": "package portal.main\n"})


@pytest.fixture
def sana(committed_cast: Cast) -> Client:
    return signed_in(committed_cast.sana)


def signed_in(person: Any) -> Client:
    client = Client()
    sign_in(client, person)
    return client


def finished(version: RulesVersion, by: Any, report: Report) -> Simulation:
    with tenant_scope(by.tenant_id):
        row = start_simulation(by=by, version_id=version.pk, days=7)
        run = claim_simulation(simulation_id=row.pk, rules="r" * 64, engine="opa")
        assert run is not None
        assert finish_simulation(simulation=run, report=document(report), done=report.distinct)
    return fresh(row, by.tenant_id)


def report_of(number: int, app: str = "") -> Report:
    report = Report(asked=number * 3, distinct=number, faults=1)
    for n in range(number):
        change = Change(Effect.DENIED, Source.DECISION, app or str(uuid.uuid4()), f"act.{n}", ("zz.frozen",))
        report.changes[change] = 2
        report.examples[change] = str(uuid.uuid4())
    return report


def test_the_report_in_words(committed_cast: Cast, version: RulesVersion, sana: Client) -> None:
    app = live_apps.make_app(committed_cast.lena)
    report = report_of(1, str(app.pk))
    tier = Change(Effect.APPROVAL, Source.LIVE, "", "app.submit", ("approval.tier",), "none", "two_person")
    masks = Change(Effect.OBLIGATIONS, Source.DECISION, str(app.pk), "record.read", ("mask",))
    report.changes.update({tier: 1, masks: 4})
    report.examples.update({tier: "", masks: str(uuid.uuid4())})
    row = finished(version, committed_cast.sana, report)
    page = sana.get(row.get_absolute_url()).content.decode()
    for told in ("7 answers would change", app.title, "Lena Marsh", "zz.frozen", "Newly denied"):
        assert told in page, told
    assert "masked fields" in page
    assert "allowed → denied" in page
    assert f"/audit/decisions/{report.examples[masks]}/" in page
    assert "your own tenant" in page
    only = sana.get(row.get_absolute_url(), {"effect": "approval"}).content.decode()
    assert "masked fields" not in only
    assert app.title not in only
    part = sana.get(row.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "zz.frozen" in part
    assert "<html" not in part
    searched = sana.get(row.get_absolute_url(), {"q": "LENA"}).content.decode()
    assert "approval.tier" not in searched
    assert "masked fields" in searched
    assert "No change found" in sana.get(row.get_absolute_url(), {"q": "nothing like it"}).content.decode()


def test_nothing_would_change(committed_cast: Cast, version: RulesVersion, sana: Client) -> None:
    row = finished(version, committed_cast.sana, Report(asked=5, distinct=5))
    page = sana.get(row.get_absolute_url()).content.decode()
    assert page.count("Nothing would change") == 2


def test_the_files(committed_cast: Cast, version: RulesVersion, sana: Client) -> None:
    report = report_of(3)
    bad = Change(Effect.ALLOWED, Source.DECISION, "=cmd|' /C calc'!A0", "act\x00", ())
    report.changes[bad], report.examples[bad] = 1, ""
    row = finished(version, committed_cast.sana, report)
    address = row.get_absolute_url()
    answer = sana.get(f"{address}report.csv", {"effect": "allowed"})
    assert answer["Content-Disposition"].startswith("attachment")
    header, line = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert dict(zip(header, line, strict=True))["app"].startswith("'=cmd")
    told = json.loads(sana.get(f"{address}report.json").content)
    assert (told["asked"], told["changed"], len(told["changes"])) == (9, 7, 4)
    assert told["draft"] == version.revision
    assert sana.get(f"{address}report.xls").status_code == 404


def test_a_long_report_is_bounded_and_its_counts_are_whole(
    committed_cast: Cast, version: RulesVersion, sana: Client
) -> None:
    row = finished(version, committed_cast.sana, report_of(MOST_ROWS + 7))
    assert row.report is not None
    assert len(row.report["changes"]) == MOST_ROWS
    assert row.report["changed"] == 2 * (MOST_ROWS + 7)
    assert "7 more kinds of change" in sana.get(row.get_absolute_url()).content.decode()


def test_a_page_costs_the_same_for_ten_and_two_thousand(
    committed_cast: Cast,
    version: RulesVersion,
    sana: Client,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    rows = [finished(version, committed_cast.sana, report_of(number)) for number in (10, MOST_ROWS)]
    sana.get(rows[0].get_absolute_url())
    counts = []
    for row in rows:
        with django_assert_max_num_queries(16) as captured:
            assert sana.get(row.get_absolute_url()).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_progress_is_told_until_it_is_over(committed_cast: Cast, version: RulesVersion, sana: Client) -> None:
    tenant = committed_cast.tenant.pk
    with tenant_scope(tenant):
        row = start_simulation(by=committed_cast.sana, version_id=version.pk, days=7)
        run = claim_simulation(simulation_id=row.pk, rules="r", engine="opa")
        assert run is not None
        note_progress(simulation=run, done=4_567, total=10_000)
    poll = f"{row.get_absolute_url()}?progress"
    part = sana.get(poll).content.decode()
    assert 'value="4567"' in part
    assert "4,567 of 10,000 questions asked" in part
    assert "40 % done" in part
    assert "<html" not in part
    with tenant_scope(tenant):
        cancel_simulation(by=committed_cast.sana, simulation_id=row.pk)
    assert sana.get(poll)["HX-Refresh"] == "true"


def test_asked_for_by_form(committed_cast: Cast, version: RulesVersion, sana: Client) -> None:
    address = f"/policy/versions/{version.pk}/simulations/"
    assert sana.post(address, {"days": "0"}).status_code == 400
    answer = sana.post(address, {"days": "14"})
    with tenant_scope(committed_cast.tenant.pk):
        row = Simulation.objects.get()
    assert (answer["Location"], row.days) == (row.get_absolute_url(), 14)
    assert sana.post(f"{row.get_absolute_url()}cancel/").status_code == 302
    assert fresh(row, committed_cast.tenant.pk).state == "cancelled"
    assert sana.post(f"{row.get_absolute_url()}cancel/").status_code == 302, "a second click is no error"


def test_an_auditor_reads_and_does_no_more(committed_cast: Cast, version: RulesVersion) -> None:
    row = finished(version, committed_cast.sana, report_of(2))
    theo, lena = signed_in(committed_cast.theo), signed_in(committed_cast.lena)
    assert theo.get(row.get_absolute_url()).status_code == 200
    assert theo.post(f"/policy/versions/{version.pk}/simulations/", {"days": 1}).status_code == 403
    assert theo.post(f"{row.get_absolute_url()}cancel/").status_code == 403
    for part in ("", "report.csv", "report.json"):
        assert lena.get(f"{row.get_absolute_url()}{part}").status_code == 403
