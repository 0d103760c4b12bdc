"""What apps store: described in the catalog, stored in a table of its own, found again by its spec."""

import uuid

import pytest

from datacatalog import records, sealing, selectors, services
from datacatalog.services import AppField
from datacatalog.specs import DatasetSpec, FieldSpec, FieldType
from identity.errors import BadInput
from identity.tenancy import tenant_scope
from ledger import sequencer
from ledger.models import EventIndex
from tests.cast import Cast
from vault import services as vault

APP = uuid.uuid4()
FIELDS = [
    AppField("f_01email", "Work email", FieldType.EMAIL, "pii", "eu", "Contact the lead", 365, True),
    AppField("f_02source", "Source", FieldType.CHOICE, "internal"),
]


@pytest.fixture
def ready(committed_cast: Cast) -> Cast:
    with tenant_scope(committed_cast.tenant.pk):
        services.seed_scheme(by=None, tenant=committed_cast.tenant.pk)
        vault.provision(by=None, tenant=committed_cast.tenant.pk)
    return committed_cast


def test_from_a_manifests_fields_to_a_sealed_record(ready: Cast) -> None:
    with tenant_scope(ready.tenant.pk):
        dataset = services.publish_app_dataset(
            by=ready.lena, app=APP, name="leads", title="Leads", region="eu", fields=FIELDS
        )
        stored = (
            FieldSpec("f_01email", FieldType.EMAIL, protected=True),
            FieldSpec("f_02source", FieldType.CHOICE),
        )
        spec = DatasetSpec(dataset.pk, dataset.tenant_id, APP, 1, stored)
        assert services.ensure_storage(by=ready.lena, spec=spec)
        assert not services.ensure_storage(by=ready.lena, spec=spec)
    with tenant_scope(ready.tenant.pk):
        model = records.model_of(spec)
        row = model(tenant_id=spec.tenant)
        for column, value in sealing.sealed(spec, row.pk, {"f_01email": "a@b.example"}).items():
            setattr(row, column, value)
        row.save(force_insert=True)
        token, again = sealing.tokens(spec, "f_01email", ["a@b.example", "A@b.example "])
        assert token == again != sealing.tokens(spec, "f_02source", ["a@b.example"])[0]
    with tenant_scope(ready.tenant.pk):
        assert services.drop_storage(by=None, spec=spec)
        assert not services.drop_storage(by=None, spec=spec)
    sequencer.run_once()
    with tenant_scope(ready.tenant.pk):
        kinds = EventIndex.objects.filter(app=APP).order_by("idx").values_list("kind", flat=True)
        assert list(kinds) == ["dataset.published", "dataset.storage_changed", "dataset.storage_dropped"]


def test_a_newer_version_updates_the_description_and_keeps_what_it_dropped(ready: Cast) -> None:
    with tenant_scope(ready.tenant.pk):
        first = services.publish_app_dataset(
            by=ready.lena, app=APP, name="leads", title="Leads", region="eu", fields=FIELDS
        )
        newer = [FIELDS[0], AppField("f_03notes", "Notes", FieldType.LONG_TEXT, "pii", "eu")]
        second = services.publish_app_dataset(
            by=ready.lena, app=APP, name="leads", title="Event leads", region="eu", fields=newer
        )
        assert first.pk == second.pk
        assert [row.title for row in selectors.app_datasets(APP)] == ["Event leads"]
        rows = {row.name: row.in_source for row in selectors.fields_of(second)}
        assert rows == {"f_01email": True, "f_02source": False, "f_03notes": True}


def test_what_the_tenant_does_not_have_is_refused(ready: Cast) -> None:
    wrong_class = [AppField("f_01x", "X", FieldType.TEXT, "nonsense")]
    with tenant_scope(ready.tenant.pk):
        services.publish_app_dataset(
            by=ready.lena, app=APP, name="leads", title="Leads", region="eu", fields=FIELDS
        )
        for region, fields in [("mars", FIELDS), ("us", FIELDS), ("eu", wrong_class)]:
            with pytest.raises(BadInput):
                services.publish_app_dataset(
                    by=ready.lena, app=APP, name="leads", title="Leads", region=region, fields=fields
                )
