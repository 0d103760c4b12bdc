"""Imports of tables and APIs, and what all imports keep: whole or not, mapped, compared, never lowering."""

import json
from typing import Any

import pytest

from datacatalog import changes, selectors, services
from datacatalog.models import ContractDocument, Dataset, DatasetField, ImportRun, Region
from datacatalog.safe_yaml import parse
from datacatalog.services import Tag
from identity.errors import BadInput, Conflict, Missing, NotAllowed
from identity.tenancy import tenant_scope
from ledger import sequencer
from ledger.models import EventIndex
from tests import large_api
from tests.cast import Cast
from tests.integration.datacatalog.conftest import ADVENTURE_WORKS, FULL_EXAMPLE, SMALL, eu
from tests.unit.datacatalog.test_sources import API, BROKEN

PEOPLE = b"name,email,city,spend\nAnn Lee,ann@contoso.com,Leeds,12.50\nBo Holm,bo@contoso.com,York,3.10\n"


def preview(cast: Cast, content: bytes = PEOPLE, kind: str = "file", **more: Any) -> ImportRun:
    asked = {"file_name": "people.csv", "region": eu()} | more
    return services.preview_import(by=cast.lena, kind=kind, content=content, **asked)


def load(cast: Cast, content: bytes = PEOPLE, kind: str = "file", **more: Any) -> ImportRun:
    return services.finish_import(by=cast.lena, run=preview(cast, content, kind, **more))


@pytest.mark.parametrize(("kind", "content"), [one[1:3] for one in BROKEN], ids=[one[0] for one in BROKEN])
def test_nothing_of_a_broken_input_is_imported(catalog: Cast, kind: str, content: bytes) -> None:
    with tenant_scope(catalog.tenant.pk):
        run = preview(catalog, content, kind)
        assert (run.state, run.plan, run.sealed) == ("refused", None, None)
        assert all(row["text"] for row in run.errors)
        with pytest.raises(Conflict):
            services.finish_import(by=catalog.lena, run=run)
        assert not Dataset.objects.exists()
        assert not DatasetField.objects.exists()


def test_a_table_comes_in_and_none_of_its_values_stays(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        run = preview(catalog)
        assert (run.state, run.counts["new_fields"], run.counts["sensitive"]) == ("preview", 4, 3)
        everything = json.dumps(list(ImportRun.objects.values()), default=str)
        assert not any(value in everything for value in ("ann@contoso.com", "Ann Lee", "Leeds", "12.50"))
        services.finish_import(by=catalog.lena, run=run)
        people = Dataset.objects.get(name="people")
        assert (people.origin, people.contract_id, people.region.code) == ("file", "people", "eu")
        kinds = {row.name: (row.type, row.suggestion["classification"]) for row in people.fields.all()}
        assert kinds == {
            "name": ("text", "pii"),
            "email": ("email", "pii"),
            "city": ("text", "pii"),
            "spend": ("text", "internal"),
        }


def test_an_api_comes_in_by_its_operations(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        load(catalog, API, "openapi", file_name="people.yaml")
        found = Dataset.objects.get(name="GET /people/{id}")
        assert (found.title, found.contract_id, found.contract_version) == ("One person", "People", "7")
        born = found.fields.get(name="born")
        assert (born.type, born.suggestion["classification"]) == ("date", "pii")
        assert "ann@contoso.com" not in json.dumps(list(DatasetField.objects.values()), default=str)


def test_a_large_api_comes_in_whole(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        content = large_api.text()
        assert len(content) > 500_000
        run = load(catalog, content, "openapi", file_name="large.json")
        assert run.counts["new_datasets"] == 900
        assert DatasetField.objects.count() == run.counts["new_fields"] > 10_000


def test_the_mapping_is_kept_and_remembered(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        run = preview(catalog)
        mapping = {"city": {"skip": True}, "email": {"label": "Work e-mail", "type": "email", "skip": False}}
        run = services.map_dataset(
            by=catalog.lena, run=run, number=0, title="Our people", skip=False, fields=mapping
        )
        services.finish_import(by=catalog.lena, run=run)
        people = Dataset.objects.get(name="people")
        assert people.title == "Our people"
        assert {row.name: row.label for row in people.fields.all()} == {
            "name": "name",
            "email": "Work e-mail",
            "spend": "spend",
        }
        again = preview(catalog)
        assert again.plan["objects"][0]["title"] == "Our people"
        assert again.counts["changed_datasets"] == again.counts["changed_fields"] == 0
        with pytest.raises(BadInput):
            services.map_dataset(by=catalog.lena, run=again, number=7, title="x", skip=False, fields={})
        with pytest.raises(NotAllowed):
            services.map_dataset(by=catalog.ada, run=again, number=0, title="x", skip=False, fields={})
        nothing = services.map_dataset(by=catalog.lena, run=again, number=0, title="x", skip=True, fields={})
        with pytest.raises(BadInput):
            services.finish_import(by=catalog.lena, run=nothing)


def test_a_second_import_lowers_nothing_and_moves_nothing(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        load(catalog)
        people = Dataset.objects.get(name="people")
        fields = {row.name: row.pk for row in people.fields.all()}
        tags = [Tag(fields["email"], "pii"), Tag(fields["spend"], "internal")]
        services.confirm_fields(by=catalog.lena, dataset=people, tags=tags)
        # the column that was spend holds phone numbers now, email nothing but yes and no, and city is gone
        newer = b"name,email,spend\nAnn Lee,true,+49 30 901820\nBo Holm,false,+49 30 901821\n"
        us = Region.objects.get(code="us")
        run = preview(catalog, newer, region=us)
        assert (run.counts["elsewhere"], run.counts["higher"], run.counts["withdrawn"]) == (1, 1, 1)
        lines = {(line.code, line.field) for line in changes.of_run(run).lines}
        assert {("higher", "spend"), ("gone", "city"), ("changed", "email")} <= lines
        services.finish_import(by=catalog.lena, run=run)
        people.refresh_from_db()
        assert people.region.code == "eu"
        tagged = {row.name: row.classification.code for row in people.fields.exclude(classification=None)}
        assert tagged == {"email": "pii", "spend": "internal"}
        assert people.fields.get(name="spend").suggestion["classification"] == "pii"
        assert not people.fields.get(name="city").in_source


def test_two_sources_of_one_table_name_are_two_datasets(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        load(catalog, source="crm")
        load(catalog, source="shop")
        assert Dataset.objects.filter(name="people").count() == 2
        load(catalog, SMALL, "odcs", file_name="c.yaml")
        assert Dataset.objects.filter(name="people").count() == 3


def test_what_people_confirmed_weighs_in_the_next_time(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        for n, person in enumerate([catalog.lena, catalog.sana, catalog.lena]):
            load(catalog, b"kuerzel\nab\ncd\n", source=f"s{n}", file_name=f"t{n}.csv")
            row = DatasetField.objects.get(dataset__contract_id=f"s{n}")
            services.confirm_fields(by=person, dataset=row.dataset, tags=[Tag(row.pk, "confidential")])
        run = preview(catalog, b"Kuerzel\nab\ncd\n", source="next")
        hint = run.plan["objects"][0]["fields"][0]["suggestion"]
        assert (hint["classification"], hint["reason"], hint["params"]) == (
            "confidential",
            "learned",
            {"times": 3},
        )
    with tenant_scope(catalog.other.pk):
        assert not selectors.learned().times


def test_alike_fields_are_tagged_together_and_taken_back(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        for n in range(3):
            load(catalog, b"id,Kuerzel,ssn\n1,ab,2\n2,cd,3\n", source=f"s{n}", file_name=f"t{n}.csv")
        first = DatasetField.objects.get(dataset__contract_id="s0", name="Kuerzel")
        assert services.confirm_alike(by=catalog.lena, dataset=first.dataset, field=first) is None  # untagged
        services.confirm_fields(by=catalog.lena, dataset=first.dataset, tags=[Tag(first.pk, "confidential")])
        first.refresh_from_db()
        batch = services.confirm_alike(by=catalog.lena, dataset=first.dataset, field=first)
        assert batch is not None
        assert batch.count == 2
        alike = DatasetField.objects.filter(name="Kuerzel")
        assert {row.classification.code for row in alike} == {"confidential"}
        # one of them is tagged anew: it is that person's decision then, and stays
        again = DatasetField.objects.get(dataset__contract_id="s1", name="Kuerzel")
        services.confirm_fields(by=catalog.sana, dataset=again.dataset, tags=[Tag(again.pk, "pii")])
        with pytest.raises(NotAllowed):
            services.undo_batch(by=catalog.sana, batch=batch)
        assert services.undo_batch(by=catalog.lena, batch=batch) == 1
        with pytest.raises(Conflict):
            services.undo_batch(by=catalog.lena, batch=batch)
        tags = {
            row.dataset.contract_id: row.classification_id and row.classification.code for row in alike.all()
        }
        assert tags == {"s0": "confidential", "s1": "pii", "s2": None}
        # what looks more sensitive is never lowered in passing
        number = DatasetField.objects.get(dataset__contract_id="s0", name="ssn")
        tag = Tag(number.pk, "internal", "Counts seats")
        services.confirm_fields(by=catalog.lena, dataset=number.dataset, tags=[tag])
        number.refresh_from_db()
        if number.suggestion["classification"] == "pii":
            assert services.confirm_alike(by=catalog.lena, dataset=number.dataset, field=number) is None
        with pytest.raises(Missing):
            services.confirm_alike(by=catalog.lena, dataset=again.dataset, field=number)


def test_taking_back_is_on_record(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        services.seed_scheme(by=None, tenant=cast.tenant.pk)
        services.finish_import(by=cast.lena, run=preview(cast))
        batch = services.confirm_suggestions(by=cast.lena, dataset=Dataset.objects.get(name="people"))
        assert batch is not None
        services.undo_batch(by=cast.lena, batch=batch)
    sequencer.run_once()
    with tenant_scope(cast.tenant.pk):
        assert EventIndex.objects.get(kind="field.untagged").object == f"tagbatch:{batch.pk}"


# -- contracts out again ------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [FULL_EXAMPLE, ADVENTURE_WORKS, SMALL], ids=["full", "large", "small"])
def test_a_contract_goes_out_with_every_word_that_came(catalog: Cast, content: bytes) -> None:
    with tenant_scope(catalog.tenant.pk):
        services.import_contract(by=catalog.lena, file_name="c.yaml", content=content, region=eu())
        dataset = Dataset.objects.order_by("name").first()
        assert dataset is not None
        text = services.export_contract(by=catalog.lena, dataset=dataset)
        assert parse(text.encode()).value == parse(content).value
        again = services.import_contract(
            by=catalog.lena, file_name="c.yaml", content=text.encode(), region=eu()
        )
        assert again.counts["changed_fields"] == again.counts["new_fields"] == again.counts["withdrawn"] == 0


def test_a_contracts_words_are_kept_sealed(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        services.import_contract(by=catalog.lena, file_name="c.yaml", content=FULL_EXAMPLE, region=eu())
        kept = bytes(ContractDocument.objects.get().sealed)
        assert b"2022-10-03" in FULL_EXAMPLE
        assert b"2022-10-03" not in kept
        assert b"apiVersion" not in kept


def test_what_people_decided_is_in_the_contract(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        services.import_contract(by=catalog.lena, file_name="c.yaml", content=SMALL, region=eu())
        people = Dataset.objects.get(name="people")
        services.confirm_suggestions(by=catalog.lena, dataset=people)
        found = parse(services.export_contract(by=catalog.lena, dataset=people).encode()).value
        classes = {row["name"]: row.get("classification") for row in found["schema"][0]["properties"]}
        assert classes == {"work_email": "pii", "birthdate": "pii", "team": "internal"}
        with pytest.raises(NotAllowed):
            services.export_contract(by=catalog.mia, dataset=people)


@pytest.mark.parametrize(("content", "kind", "name"), [(PEOPLE, "file", "p.csv"), (API, "openapi", "a.yaml")])
def test_what_came_without_a_contract_gets_a_valid_one(
    catalog: Cast, content: bytes, kind: str, name: str
) -> None:
    with tenant_scope(catalog.tenant.pk):
        load(catalog, content, kind, file_name=name)
        dataset = Dataset.objects.get()
        services.confirm_suggestions(by=catalog.lena, dataset=dataset)
        text = services.export_contract(by=catalog.lena, dataset=dataset)
        run = services.import_contract(
            by=catalog.lena, file_name="x.yaml", content=text.encode(), region=eu()
        )
        assert run.counts["new_fields"] == dataset.fields.count()
        copy = Dataset.objects.get(origin="odcs")
        for row in dataset.fields.all():
            twin = copy.fields.get(name=row.name)
            assert (twin.label, twin.description, twin.type, twin.required) == (
                row.label,
                row.description,
                row.type,
                row.required,
            )
