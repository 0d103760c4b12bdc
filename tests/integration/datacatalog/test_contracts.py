"""Imports: whole or not at all, again without effect, and never lowering what a person confirmed."""

import time

import pytest
from django.db import IntegrityError, transaction

from datacatalog import selectors, services
from datacatalog.models import Dataset, DatasetField, ImportRun
from datacatalog.problems import BrokenFile
from datacatalog.services import Tag
from identity.errors import Conflict, NotAllowed
from identity.tenancy import tenant_scope
from ledger import sequencer
from ledger.models import EventIndex
from tests.cast import Cast
from tests.integration.datacatalog.conftest import ADVENTURE_WORKS, FULL_EXAMPLE, SMALL, eu
from vault.services import provision


def load(cast: Cast, content: bytes = SMALL) -> ImportRun:
    return services.import_contract(by=cast.lena, file_name="c.yaml", content=content, region=eu())


def suggested(dataset: str) -> dict[str, str]:
    rows = DatasetField.objects.filter(dataset__name=dataset)
    return {row.name: row.suggestion["classification"] for row in rows}


def test_the_large_contract_comes_in_whole_within_three_seconds(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        started = time.process_time()
        run = load(catalog, ADVENTURE_WORKS)
        assert time.process_time() - started < 3
        assert (run.state, run.counts["new_datasets"], run.counts["new_fields"]) == ("done", 68, 456)
        assert (Dataset.objects.count(), DatasetField.objects.count()) == (68, 456)
        assert not DatasetField.objects.exclude(classification=None).exists()
        assert suggested("person")["firstname"] == "pii"
        assert suggested("creditcard")["cardnumber"] == "card"
        assert suggested("password")["passwordhash"] == "credential"
        assert suggested("product")["color"] == "internal"
        address = DatasetField.objects.get(dataset__name="emailaddress", name="emailaddress")
        assert (address.type, address.suggestion["kind"]) == ("email", "email")
        assert DatasetField.objects.get(dataset__name="personphone", name="phonenumber").type == "phone"


def test_the_full_example_comes_in_with_its_own_classes(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        run = load(catalog, FULL_EXAMPLE)
        assert (run.counts["datasets"], run.counts["fields"]) == (2, 7)
        assert suggested("tbl")["rcvr_id"] == "confidential"
        dataset = Dataset.objects.get(name="receivers")
        assert (dataset.title, dataset.contract_version) == ("Receivers Master Data", "1.1.0")
        assert dataset.purposes == ["Views built on top of the seller tables."]
        assert "2022-10-03" not in str(list(DatasetField.objects.values()))  # examples are never stored


def test_the_same_file_again_changes_nothing(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        load(catalog)
        before = list(DatasetField.objects.order_by("id").values())
        again = load(catalog)
        assert {key: again.counts[key] for key in again.counts if key.startswith(("new", "changed"))} == {
            "new_datasets": 0,
            "changed_datasets": 0,
            "new_fields": 0,
            "changed_fields": 0,
        }
        assert list(DatasetField.objects.order_by("id").values()) == before


def test_a_newer_file_keeps_confirmed_tags_and_marks_what_is_gone(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        load(catalog)
        people = Dataset.objects.get(name="people")
        services.confirm_suggestions(by=catalog.lena, dataset=people)
        newer = SMALL.replace(b"version: 1.0.0", b"version: 2.0.0")
        newer = newer.replace(
            b"{name: work_email, logicalType: string}",
            b"{name: work_email, logicalType: string, classification: public, description: As printed.}",
        )
        newer = newer.replace(
            b"  - {name: team, logicalType: string}\n", b"  - {name: salary, logicalType: number}\n"
        )
        newer = newer[: newer.index(b"- name: rooms")]
        run = load(catalog, newer)
        assert (run.counts["new_fields"], run.counts["withdrawn"]) == (1, 2)
        email = people.fields.get(name="work_email")
        assert (email.classification.code, email.description) == ("pii", "As printed.")
        assert not people.fields.get(name="team").in_source
        assert people.fields.get(name="salary").classification is None
        assert not Dataset.objects.get(name="rooms").in_source
        people.refresh_from_db()
        assert people.contract_version == "2.0.0"
        load(catalog)  # what was gone comes back
        assert people.fields.get(name="team").in_source


def test_a_broken_file_saves_nothing_and_is_kept_as_refused(catalog: Cast) -> None:
    broken = SMALL.replace(b"logicalType: date", b"logicalType: dat")
    with tenant_scope(catalog.tenant.pk):
        with pytest.raises(BrokenFile):
            load(catalog, broken)
        assert not ImportRun.objects.exists()
        run = services.preview_import(
            by=catalog.lena, kind="odcs", file_name="c.yaml", content=broken, region=eu()
        )
        assert (run.state, run.plan) == ("refused", None)
        assert [(row["line"], row["path"]) for row in run.errors] == [
            (10, "schema[0].properties[1].logicalType")
        ]
        assert not Dataset.objects.exists()


def test_a_preview_saves_nothing_and_is_finished_once_by_who_uploaded(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        run = services.preview_import(
            by=catalog.lena, kind="odcs", file_name="c.yaml", content=SMALL, region=eu()
        )
        assert run.counts["new_fields"] == 4
        assert not Dataset.objects.exists()
        with pytest.raises(NotAllowed):
            services.finish_import(by=catalog.ada, run=run)
        done = services.finish_import(by=catalog.lena, run=run)
        assert (done.state, done.plan, done.sealed) == ("done", None, None)
        assert Dataset.objects.count() == 2
        with pytest.raises(Conflict):
            services.finish_import(by=catalog.lena, run=run)


@pytest.mark.parametrize("name", ["mia", "theo"])
def test_end_users_and_auditors_import_nothing(catalog: Cast, name: str) -> None:
    person = getattr(catalog, name)
    with tenant_scope(catalog.tenant.pk):
        with pytest.raises(NotAllowed):
            services.import_contract(by=person, file_name="c", content=SMALL, region=eu())
        with pytest.raises(NotAllowed):
            services.preview_import(by=person, kind="odcs", file_name="c", content=SMALL, region=eu())


def test_another_tenant_sees_nothing_and_imports_the_same_contract_for_itself(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        load(catalog)
        mine = Dataset.objects.get(name="people")
        services.confirm_fields(
            by=catalog.lena, dataset=mine, tags=[Tag(mine.fields.get(name="team").pk, "internal")]
        )
    with tenant_scope(catalog.other.pk):
        assert not selectors.datasets().exists()
        assert not DatasetField.objects.exists()
        assert not ImportRun.objects.exists()
        assert selectors.search_fields("team") == []
        services.import_contract(by=catalog.nils, file_name="c.yaml", content=SMALL, region=eu())
        assert Dataset.objects.count() == 2
        assert not DatasetField.objects.exclude(classification=None).exists()


def test_the_import_is_recorded_without_the_files_words(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        services.seed_scheme(by=cast.ada, tenant=cast.tenant.pk)
        provision(by=None, tenant=cast.tenant.pk)
        run = load(cast)
    sequencer.run_once()
    with tenant_scope(cast.tenant.pk):
        event = EventIndex.objects.get(kind="contract.imported")
        assert (event.actor, event.object) == (cast.lena.pk, f"import:{run.pk}")


def test_a_run_that_is_over_keeps_no_file(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        run = load(catalog)
        with pytest.raises(IntegrityError), transaction.atomic():
            ImportRun.objects.filter(pk=run.pk).update(plan={})


def test_schemes_are_seeded_once_and_left_as_the_tenant_changes_them(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        known = selectors.classifications()
        assert list(known) == [
            "public", "internal", "confidential", "pii", "card", "health", "special", "credential"
        ]  # fmt: skip
        assert {code for code, row in known.items() if row.protected} == {
            "pii", "card", "health", "special", "credential"
        }  # fmt: skip
        known["pii"].title = "Personal"
        known["pii"].save()
        assert services.seed_scheme(by=None, tenant=catalog.tenant.pk) == 0
        assert selectors.classifications()["pii"].title == "Personal"
        assert set(selectors.regions()) == {"eu", "us", "apac"}
