"""Fields of the data catalog as fields of an app."""

from collections.abc import Iterable
from itertools import groupby

from catalog import content as drafting
from catalog.templates import Template
from catalog.vocabulary import Vocabulary
from datacatalog.models import Classification, Dataset, DatasetField
from datacatalog.reasons import explain


def grouped(rows: Iterable[DatasetField]) -> list[tuple[Dataset, list[DatasetField]]]:
    """Fields by dataset, in the order in which they were found."""
    return [
        (fields[0].dataset, fields)
        for _id, found in groupby(rows, key=lambda row: row.dataset_id)
        if (fields := list(found))
    ]


def field_from(row: DatasetField, template: Template, words: Vocabulary) -> drafting.Field:
    """A field of an app with what the catalog knows of `row`.

    A tag comes along only when a person has confirmed it; else the suggestion is offered. Where the catalog
    does not say how long values are kept, the template does.
    """
    residency = row.residency or row.dataset.region
    likely = row.classification or words.classifications.get(row.suggestion.get("classification", ""))
    return drafting.new_field(
        name=drafting.name_of(row.name) or drafting.name_of(row.label),
        label=row.label[:120],
        type=row.type if row.type != "choice" else "text",  # a source names no options
        required=row.required,
        classification=row.classification.code if row.classification else "",
        residency=residency.code,
        purpose=row.purpose,
        retention_days=row.retention_days or row.dataset.retention_days or kept_for(template, likely),
        source={"dataset": str(row.dataset_id), "field": str(row.pk)},
        suggestion=_suggestion(row),
    )


def kept_for(template: Template, tag: Classification | None) -> int:
    """For how many days a field of the class `tag` is kept in apps of `template`; a builder may say else.

    As short as any field of that class in the template, else as any field, within what the class allows.
    """
    fields = [field for dataset in template.datasets for field in dataset["fields"]]
    alike = [field for field in fields if tag is not None and field["classification"] == tag.code]
    days: int = min(field["retention_days"] for field in alike or fields)
    if tag is None:
        return days
    return max(min(days, tag.retention_max_days or days), tag.retention_min_days or 0)


def _suggestion(row: DatasetField) -> dict[str, str] | None:
    code = row.suggestion.get("classification")
    return {"classification": code, "reason": explain(row.suggestion)} if code else None
