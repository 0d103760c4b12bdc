"""What an import would do, as plain data that waits with its run: read, suggested, mapped; without values.

A plan is {"purpose", "objects": [{"name", "title", "description", "retention_days", "skip", "fields":
[{"position", "name", "label", "description", "type", "source_type", "required", "suggestion", "skip"}]}]}.
"""

from collections.abc import Callable, Mapping
from typing import Any

from datacatalog.masking import Kind
from datacatalog.sources.base import Source, SourceField, SourceObject
from datacatalog.specs import FieldType
from datacatalog.suggest import Learned, Signs, Suggestion, suggest

Plan = dict[str, Any]
Progress = Callable[[int], None]


def make(
    source: Source,
    levels: Mapping[str, int],
    learned: Learned | None = None,
    progress: Progress | None = None,
) -> Plan:
    """The plan of what was read. The samples end here: only their suggestions go on."""
    objects = []
    seen: set[str] = set()
    for done, item in enumerate(source.objects, 1):
        if item.name not in seen:  # two long names may be one when they are cut
            objects.append(_object(item, levels, learned))
        seen.add(item.name)
        if progress:
            progress(done)
    return {"purpose": source.purpose, "objects": objects}


def _object(item: SourceObject, levels: Mapping[str, int], learned: Learned | None) -> dict[str, Any]:
    once: dict[str, SourceField] = {}
    for spec in item.fields:
        once.setdefault(spec.name, spec)  # as above
    return {
        "name": item.name,
        "title": item.title,
        "description": item.description,
        "retention_days": item.retention_days,
        "skip": False,
        "fields": [
            {"position": n, **_field(item, spec, levels, learned)} for n, spec in enumerate(once.values())
        ],
    }


def _field(
    item: SourceObject, spec: SourceField, levels: Mapping[str, int], learned: Learned | None
) -> dict[str, Any]:
    signs = Signs(
        name=spec.name.rpartition(".")[2].removesuffix("[]"),
        dataset=item.name,
        type=spec.type,
        description=spec.description,
        source_type=spec.source_type,
        declared=spec.classification,
        tags=spec.tags,
        examples=spec.examples,
    )
    hint = suggest(signs, levels, learned)
    return {
        "name": spec.name,
        "label": spec.label,
        "description": spec.description,
        "type": _type(spec, hint),
        "source_type": spec.source_type,
        "required": spec.required,
        "suggestion": hint.to_dict() if hint else {},
        "skip": False,
    }


def _type(spec: SourceField, hint: Suggestion | None) -> str:
    """A text that holds addresses or numbers of phones gets the type that checks them."""
    by_kind = {Kind.EMAIL.value: FieldType.EMAIL, Kind.PHONE.value: FieldType.PHONE}
    if spec.type is FieldType.TEXT and hint and hint.kind in by_kind:
        return by_kind[hint.kind].value
    return spec.type.value


def mapped(
    plan: Plan, number: int, *, title: str, skip: bool, fields: Mapping[str, Mapping[str, Any]]
) -> Plan:
    """`plan` with one dataset as a person wants it: its title, which fields come, their labels and types."""
    objects = list(plan["objects"])
    item = dict(objects[number])
    item |= {"title": title or item["title"], "skip": skip}
    item["fields"] = [row | dict(fields.get(row["name"], {})) for row in item["fields"]]
    objects[number] = item
    return plan | {"objects": objects}


def wanted(plan: Plan) -> list[dict[str, Any]]:
    """The datasets that come, each with the fields that come."""
    return [
        item | {"fields": [row for row in item["fields"] if not row["skip"]]}
        for item in plan["objects"]
        if not item["skip"]
    ]
