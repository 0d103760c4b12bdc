"""What a change of a class or region concerns: fields, datasets, apps; what is in use stays (issue 5, P7)."""

from typing import Any

import pytest

from approvals.models import Evidence
from catalog.models import App
from catalog.scheme_data import ClassificationData, RegionData
from catalog.services import retire
from datacatalog.models import Classification, Dataset, DatasetField, Region
from identity.errors import Conflict
from identity.tenancy import tenant_scope
from policy import services as policy
from policy.models import AccessRule, DataChange
from tests import apps, live_apps
from tests.cast import Cast
from tests.data_changes import ask, change, decide, propose, values_of
from tests.live_apps import FIELDS


@pytest.fixture
def leads(committed_cast: Cast) -> App:
    """A live app with the classes pii, internal, public and health, in the EU."""
    return live_apps.make_app(committed_cast.lena)


def shown(row: DataChange) -> dict[str, str]:
    with tenant_scope(row.tenant_id):
        document: Any = Evidence.objects.get(request=row.request).document
    [summary] = [one for one in document["sections"] if one["title"] == "Summary"]
    return {one["label"]: one["value"] for one in summary["rows"]}


def text_of(row: DataChange, title: str) -> str:
    with tenant_scope(row.tenant_id):
        document: Any = Evidence.objects.get(request=row.request).document
    return next((str(one["text"]) for one in document["sections"] if one["title"] == title), "")


def confirmed(cast: Cast, code: str, number: int) -> None:
    """`number` fields of a dataset of the catalog with that class."""
    with tenant_scope(cast.tenant.pk):
        region, tag = Region.objects.get(code="eu"), Classification.objects.get(code=code)
        dataset = Dataset.objects.create(
            tenant=cast.tenant,
            name="person",
            title="Person",
            region=region,
            origin=Dataset.Origin.ODCS,
            owner=cast.lena,
        )
        for position in range(number):
            DatasetField.objects.create(
                tenant=cast.tenant,
                dataset=dataset,
                position=position,
                name=f"f{position}",
                label="F",
                type="text",
                classification=tag,
                confirmed_by=cast.lena,
                confirmed_at=dataset.changed_at,
            )


def test_the_evidence_names_what_is_concerned(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    confirmed(cast, "pii", 3)
    told = shown(propose(cast.ada, "classification", "pii", level=4))
    assert told["Fields with this class"] == "3"
    assert told["Datasets with such fields"] == "1"
    assert told["Apps"] == "1 (Spring leads)"
    places = shown(propose(cast.ada, "region", "eu", sovereign=True))
    assert (places["Datasets that lie there"], places["Apps"]) == ("1", "1 (Spring leads)")
    assert places["Fields that lie or must lie there"] == "3"
    numbers = shown(propose(cast.ada, "thresholds", protected_level=4))
    assert numbers["Classes concerned"] == "PII (3)"
    assert numbers["Fields with these classes"] == "3"


def test_an_app_that_waits_counts_and_a_retired_one_does_not(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        waiting = apps.submitted(cast.lena, title="Autumn leads")
        codes = {one.classification for data in waiting.parsed.datasets for one in data.fields}
        code = min(codes & {"pii", "internal"})
        assert "Autumn leads" in ClassificationData().apps(code)
        assert "Autumn leads" in RegionData().apps(waiting.parsed.hosting.region)
        retire(by=cast.lena, app=App.objects.get(pk=leads.pk))
        assert "Spring leads" not in ClassificationData().apps(code)


def test_a_class_that_was_only_suggested_is_not_used(committed_cast: Cast) -> None:
    cast = committed_cast
    suggested = {"classification": "card", "reason": "header"}
    fields = [{**one, "suggestion": suggested} if one["name"] == "company" else one for one in FIELDS]
    live_apps.make_app(cast.lena, fields=fields)
    with tenant_scope(cast.tenant.pk):
        assert ClassificationData().apps("card") == []
        assert ClassificationData().apps("health") == ["Spring leads"]


def test_what_is_in_use_cannot_be_removed(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    for kind, code in (("classification", "health"), ("region", "eu")):
        with pytest.raises(Conflict, match="Spring leads"):
            ask(cast.ada, kind, code, None)
    confirmed(cast, "special", 1)
    with pytest.raises(Conflict, match="Fields with this class: 1"):
        ask(cast.ada, "classification", "special", None)
    with tenant_scope(cast.tenant.pk):
        rule = AccessRule(name="Cards", classifications=["card"], second_factor=True)
        policy.save_access_rule(by=cast.ada, rule=rule)
    with pytest.raises(Conflict, match="Access rules that name it: 1"):
        ask(cast.ada, "classification", "card", None)


def test_what_came_into_use_meanwhile_stays(committed_cast: Cast) -> None:
    cast = committed_cast
    values_of(cast.ada, "classification", "special")
    row = ask(cast.ada, "classification", "special", None)
    confirmed(cast, "special", 2)
    with pytest.raises(Conflict, match="in use"):
        decide(row, cast.sana)
    with tenant_scope(cast.tenant.pk):
        assert Classification.objects.filter(code="special").exists()


def test_a_region_that_nothing_uses_goes(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    decide(ask(cast.ada, "region", "apac", None), cast.sana)
    with tenant_scope(cast.tenant.pk):
        assert not Region.objects.filter(code="apac").exists()


def test_what_it_means_for_stored_values_is_told(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    row = propose(cast.ada, "classification", "pii", protected=False)
    assert "stays encrypted" in text_of(row, "What follows")
    other = propose(cast.ada, "classification", "internal", level=2)
    assert "encrypted" not in text_of(other, "What follows")
    with tenant_scope(cast.tenant.pk):
        version = App.objects.get(pk=leads.pk).live_version
        assert version is not None
        before = version.sealed
    decide(row, cast.sana)
    change(cast.ada, cast.sana, "classification", "special", mask="partial")
    with tenant_scope(cast.tenant.pk):
        version.refresh_from_db()
        assert version.sealed == before
