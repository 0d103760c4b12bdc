"""Fields of the data catalog as fields of an app."""

from collections.abc import Iterable
from itertools import groupby

from catalog import content as drafting
from datacatalog.models import Dataset, DatasetField
from datacatalog.reasons import explain


def grouped(rows: Iterable[DatasetField]) -> list[tuple[Dataset, list[DatasetField]]]:
    """Fields by dataset, in the order in which they were found."""
    return [
        (fields[0].dataset, fields)
        for _id, found in groupby(rows, key=lambda row: row.dataset_id)
        if (fields := list(found))
    ]


def field_from(row: DatasetField) -> drafting.Field:
    """A field of an app with what the catalog knows of `row`.

    A tag comes along only when a person has confirmed it; else the suggestion is offered.
    """
    residency = row.residency or row.dataset.region
    return drafting.new_field(
        name=drafting.name_of(row.name) or drafting.name_of(row.label),
        label=row.label[:120],
        type=row.type if row.type != "choice" else "text",  # a source names no options
        required=row.required,
        classification=row.classification.code if row.classification else "",
        residency=residency.code,
        purpose=row.purpose,
        retention_days=row.retention_days or row.dataset.retention_days,
        source={"dataset": str(row.dataset_id), "field": str(row.pk)},
        suggestion=_suggestion(row),
    )


def _suggestion(row: DatasetField) -> dict[str, str] | None:
    code = row.suggestion.get("classification")
    return {"classification": code, "reason": explain(row.suggestion)} if code else None
