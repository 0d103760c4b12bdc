"""Reads across datasets and fields. The database shows the tenant at hand alone."""

import uuid
from collections.abc import Iterable

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from datacatalog.models import (
    Classification,
    Dataset,
    DatasetField,
    ImportRun,
    LegalHold,
    Region,
    SubjectRequest,
    TagBatch,
)
from datacatalog.suggest import Learned
from identity.errors import Missing
from identity.models import User

MAX_FOUND = 50


def datasets(query: str = "", origin: str = "", *, untagged: bool = False) -> QuerySet[Dataset]:
    """Datasets by title, each with `field_count` and `untagged_count`.

    `query` looks into title, name and description, and into the names of fields.
    """
    found = Dataset.objects.select_related("region", "owner").annotate(
        field_count=Count("fields"),
        untagged_count=Count("fields", filter=Q(fields__classification=None)),
    )
    if query:
        by_field = DatasetField.objects.filter(Q(name__icontains=query) | Q(label__icontains=query))
        found = found.filter(
            Q(title__icontains=query)
            | Q(name__icontains=query)
            | Q(description__icontains=query)
            | Q(pk__in=by_field.values("dataset"))
        )
    if origin:
        found = found.filter(origin=origin)
    if untagged:
        found = found.filter(untagged_count__gt=0)
    return found.order_by("title", "id")  # grouping drops the model's own order


def dataset(dataset_id: uuid.UUID) -> Dataset:
    """One dataset.

    Raises:
        Missing: there is none with this id in the tenant at hand.
    """
    found = datasets().filter(pk=dataset_id).first()
    if found is None:
        raise Missing(_("There is no such dataset."))
    return found


def fields_of(dataset: Dataset) -> QuerySet[DatasetField]:
    """The dataset's fields in order, with all that a row shows."""
    return dataset.fields.select_related("classification", "residency", "confirmed_by")


def field(field_id: uuid.UUID) -> DatasetField:
    """One field with its dataset.

    Raises:
        Missing: there is none with this id in the tenant at hand.
    """
    rows = DatasetField.objects.select_related(
        "dataset__region", "classification", "residency", "source__dataset"
    )
    found = rows.filter(pk=field_id).first()
    if found is None:
        raise Missing(_("There is no such field."))
    return found


def search_fields(query: str, *, tagged_only: bool = False, limit: int = MAX_FOUND) -> list[DatasetField]:
    """Fields whose name, label or dataset matches, for "take fields from a dataset". One query."""
    rows = DatasetField.objects.filter(in_source=True).select_related(
        "dataset__region", "classification", "residency"
    )
    for word in query.split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(label__icontains=word) | Q(dataset__title__icontains=word)
        )
    if tagged_only:
        rows = rows.exclude(classification=None)
    return list(rows.order_by("dataset__title", "dataset_id", "position")[:limit])


def fields_by_id(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, DatasetField]:
    """Those of `ids` that the tenant at hand has, with dataset and tags. One query."""
    rows = DatasetField.objects.select_related("dataset__region", "classification", "residency")
    return {row.pk: row for row in rows.filter(pk__in=list(ids))}


def classifications() -> dict[str, Classification]:
    """The tenant's classes of data by code, the open ones first."""
    return {row.code: row for row in Classification.objects.all()}


def regions() -> dict[str, Region]:
    """The tenant's regions by code."""
    return {row.code: row for row in Region.objects.all()}


def batch(batch_id: uuid.UUID) -> TagBatch:
    """One bulk tagging.

    Raises:
        Missing: there is none with this id in the tenant at hand.
    """
    found = TagBatch.objects.filter(pk=batch_id).first()
    if found is None:
        raise Missing(_("There is no such bulk tagging."))
    return found


def last_batch(user: User, dataset: Dataset) -> TagBatch | None:
    """What `user` tagged together last here, as long as some of it stands."""
    found = TagBatch.objects.filter(by=user, undone_at=None, fields__dataset=dataset)
    return found.order_by("-created_at", "-id").first()


def dataset_of_batch(batch: TagBatch) -> Dataset | None:
    """A dataset that `batch` tagged fields of, if any still has its tag from there."""
    return Dataset.objects.filter(fields__batch=batch).order_by("title", "id").first()


def learned() -> Learned:
    """What people of the tenant at hand have confirmed, by the names of fields. One query."""
    rows = DatasetField.objects.exclude(confirmed_by=None).order_by()
    found = rows.values_list("name", "classification__code", "confirmed_by").annotate(times=Count("pk"))
    return Learned.of((name.rpartition(".")[2], code, person, times) for name, code, person, times in found)


def import_run(run_id: uuid.UUID) -> ImportRun:
    """One import.

    Raises:
        Missing: there is none with this id in the tenant at hand.
    """
    found = ImportRun.objects.select_related("by", "region").filter(pk=run_id).first()
    if found is None:
        raise Missing(_("There is no such import."))
    return found


def datasets_of_run(run: ImportRun) -> QuerySet[Dataset]:
    """The datasets of the source that `run` brought."""
    return datasets().filter(origin=run.kind, contract_id=run.contract_id, in_source=True)


def app_datasets(app: uuid.UUID) -> list[Dataset]:
    """The datasets of one app, by name (the manifest's key)."""
    return list(Dataset.objects.filter(app=app).select_related("region").order_by("name"))


def retention_of(dataset: Dataset) -> dict[str, int | None]:
    """The dataset's fields by id, those of before included, with the days that each is kept."""
    return dict(dataset.fields.values_list("name", "retention_days"))


def is_held(dataset: Dataset) -> bool:
    """Whether a legal hold keeps its records, of its own or for all."""
    return holds_on(dataset).exists()


def holds_on(dataset: Dataset) -> QuerySet[LegalHold]:
    """Those in force that keep its records."""
    return holds_in_force().filter(Q(dataset=dataset) | Q(dataset=None))


def holds_in_force() -> QuerySet[LegalHold]:
    """Those that are not released."""
    return LegalHold.objects.filter(released_at=None)


def schedule() -> QuerySet[Dataset]:
    """Datasets of apps by title, each with the shortest and the longest time of its fields, how many have
    none, and whether it is held."""
    held = holds_in_force().filter(Q(dataset=OuterRef("pk")) | Q(dataset=None))
    rows = Dataset.objects.filter(origin=Dataset.Origin.APP).select_related("region")
    return rows.annotate(
        soonest=Min("fields__retention_days"),
        latest=Max("fields__retention_days"),
        endless=Count("fields", filter=Q(fields__retention_days=None)),
        held=Exists(held),
    ).order_by("title", "id")


def labels_of_fields(datasets: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, str], str]:
    """(dataset, field) -> what people call the field."""
    rows = DatasetField.objects.filter(dataset__in=datasets)
    return {(row.dataset_id, row.name): row.label for row in rows.only("dataset_id", "name", "label")}


def uses_of(field: DatasetField) -> list[DatasetField]:
    """The field itself and those that apps took from it, with their datasets."""
    rows = DatasetField.objects.filter(Q(pk=field.pk) | Q(source=field), in_source=True)
    return list(rows.select_related("dataset__region", "classification").order_by("dataset__title", "pk"))


def subject_requests(kind: str = "", state: str = "") -> QuerySet[SubjectRequest]:
    """Data subjects' requests, newest first, each with how many records were `found` and have `gone`."""
    rows = SubjectRequest.objects.select_related("asked_by").annotate(
        found=Coalesce(Sum("findings__records"), 0), gone=Coalesce(Sum("findings__erased"), 0)
    )
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("-asked_at", "-id")


def subject_request(request_id: uuid.UUID) -> SubjectRequest:
    """One of them.

    Raises:
        Missing: there is none with this id in the tenant at hand.
    """
    found = SubjectRequest.objects.select_related("asked_by").filter(pk=request_id).first()
    if found is None:
        raise Missing(_("There is no such request."))
    return found
