"""Tags: confirmed by a person, lowered only with a reason, each step in the record."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from datacatalog import services
from datacatalog.models import Dataset
from datacatalog.services import Tag
from datacatalog.services.tags import ReasonNeeded
from identity.errors import BadInput, Missing, NotAllowed
from identity.tenancy import tenant_scope
from ledger import sequencer
from ledger.models import EventIndex, StoredEvent
from tests.cast import Cast
from tests.integration.datacatalog.conftest import SMALL, eu
from vault.services import provision


def people(cast: Cast) -> Dataset:
    services.import_contract(by=cast.lena, file_name="c.yaml", content=SMALL, region=eu())
    return Dataset.objects.get(name="people")


def test_all_suggestions_at_once_and_no_confirmed_tag_twice(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        dataset = people(catalog)
        team = dataset.fields.get(name="team")
        services.confirm_fields(by=catalog.sana, dataset=dataset, tags=[Tag(team.pk, "confidential")])
        batch = services.confirm_suggestions(by=catalog.lena, dataset=dataset)
        assert batch is not None
        assert batch.count == 2
        tags = {row.name: (row.classification.code, row.confirmed_by_id) for row in dataset.fields.all()}
        assert tags == {
            "work_email": ("pii", catalog.lena.pk),
            "birthdate": ("pii", catalog.lena.pk),
            "team": ("confidential", catalog.sana.pk),
        }
        assert services.confirm_suggestions(by=catalog.lena, dataset=dataset) is None


def test_a_downgrade_needs_a_reason(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        dataset = people(catalog)
        email, team = dataset.fields.get(name="work_email"), dataset.fields.get(name="team")
        for reason in ("", "   "):
            with pytest.raises(ReasonNeeded):
                services.confirm_fields(
                    by=catalog.lena,
                    dataset=dataset,
                    tags=[Tag(team.pk, "internal"), Tag(email.pk, "internal", reason)],
                )
        team.refresh_from_db()
        assert team.classification is None  # nothing of the lot was tagged
        services.confirm_fields(
            by=catalog.lena, dataset=dataset, tags=[Tag(email.pk, "internal", "Shared mailboxes only")]
        )
        email.refresh_from_db()
        assert (email.classification.code, email.downgrade_reason) == ("internal", "Shared mailboxes only")
        services.confirm_fields(by=catalog.sana, dataset=dataset, tags=[Tag(email.pk, "pii", "")])
        email.refresh_from_db()
        assert email.downgrade_reason == ""


def test_lowering_what_was_confirmed_higher_needs_a_reason_too(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        dataset = people(catalog)
        team = dataset.fields.get(name="team")
        services.confirm_fields(by=catalog.sana, dataset=dataset, tags=[Tag(team.pk, "special")])
        with pytest.raises(ReasonNeeded):
            services.confirm_fields(by=catalog.lena, dataset=dataset, tags=[Tag(team.pk, "internal")])


def test_what_cannot_be_tagged(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        dataset = people(catalog)
        other = Dataset.objects.get(name="rooms").fields.get()
        for field, code, error in [
            (other.pk, "internal", Missing),
            (uuid.uuid4(), "internal", Missing),
            (dataset.fields.first().pk, "nonsense", BadInput),
            (dataset.fields.first().pk, "", BadInput),
        ]:
            with pytest.raises(error):
                services.confirm_fields(by=catalog.lena, dataset=dataset, tags=[Tag(field, code)])
        too_long = Tag(dataset.fields.first().pk, "public", "x" * 401)
        with pytest.raises(BadInput):
            services.confirm_fields(by=catalog.lena, dataset=dataset, tags=[too_long])
        for person in (catalog.mia, catalog.theo):
            with pytest.raises(NotAllowed):
                services.confirm_suggestions(by=person, dataset=dataset)


def test_the_database_keeps_tag_and_confirmation_together(catalog: Cast) -> None:
    with tenant_scope(catalog.tenant.pk):
        dataset = people(catalog)
        services.confirm_suggestions(by=catalog.lena, dataset=dataset)
        for half in ({"classification": None}, {"confirmed_by": None}, {"confirmed_at": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                dataset.fields.update(**half)


def test_tags_and_downgrades_are_recorded_without_the_reason(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        services.seed_scheme(by=None, tenant=cast.tenant.pk)
        provision(by=None, tenant=cast.tenant.pk)
        dataset = people(cast)
        email = dataset.fields.get(name="work_email")
        tag = Tag(email.pk, "internal", "Mia Novak asked for it")
        services.confirm_fields(by=cast.lena, dataset=dataset, tags=[tag])
    sequencer.run_once()
    with tenant_scope(cast.tenant.pk):
        lowered = EventIndex.objects.get(kind="field.downgraded")
        assert (lowered.actor, lowered.dataset) == (cast.lena.pk, dataset.pk)
        assert EventIndex.objects.filter(kind="field.confirmed", dataset=dataset.pk).count() == 1
        bodies = "".join(StoredEvent.objects.values_list("body", flat=True))
        assert "Mia Novak" not in bodies
        assert '"suggested":"pii"' in bodies
