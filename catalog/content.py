"""What a builder has entered so far: the plain data of a draft, and the manifest that it makes.

A draft's content is a mapping with `metadata`, `hosting`, `datasets` (fields as in a manifest) and
`access` ({"groups": [...], "roles": {role key: [groups]}}). Functions here return new content and leave
the given one alone. The rest of a manifest comes from the template, so no content can change it. Pure
Python: `portal check` makes an app of a template here too.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

from uuid_utils.compat import uuid7

from catalog import manifest as m
from catalog.templates import Template, TemplatePage

Content = dict[str, Any]
Field = dict[str, Any]

_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
MAX_FIELDS = 200
_BLANK: Field = {
    "name": "",
    "label": "",
    "type": "text",
    "required": False,
    "classification": "",
    "residency": "",
    "purpose": "",
    "retention_days": None,
    "options": [],
    "source": None,
    "suggestion": None,
    "downgrade_reason": "",
}


def field_id() -> str:
    """A new field's id: `f_` and a time-ordered id in Crockford's base 32; it names a column for ever."""
    number, digits = uuid7().int, ""
    for _ in range(26):
        number, rest = divmod(number, 32)
        digits = _BASE32[rest] + digits
    return f"f_{digits}"


def new_field(**given: Any) -> Field:
    """A field with a fresh id."""
    return {"id": field_id(), **deepcopy(_BLANK), **given}


def begin(template: Template, *, owner: str, unit: str) -> Content:
    """The content that a new draft starts with: the template's fields under ids of their own."""
    datasets = [
        {
            "key": one["key"],
            "title": one["title"],
            "region": template.region,
            "fields": [new_field(**field) for field in one["fields"]],
        }
        for one in template.datasets
    ]
    return {
        "metadata": {
            "name": "",
            "title": "",
            "description": "",
            "purpose": template.purpose,
            "owner": owner,
            "unit": unit,
        },
        "hosting": {"region": template.region},
        "datasets": datasets,
        "access": {"groups": [], "roles": {role.key: [] for role in template.roles}},
    }


def of_manifest(manifest: m.Manifest, *, owner: str) -> Content:
    """The content that makes `manifest` again, of who owns the app by now: where a change of it starts."""
    data = m.to_data(manifest)
    return {
        "metadata": {"description": "", "purpose": "", "unit": "", **data["metadata"], "owner": owner},
        "hosting": data["hosting"],
        "datasets": [
            {**one, "fields": [{**deepcopy(_BLANK), **field} for field in one.get("fields", [])]}
            for one in data.get("datasets", [])
        ],
        "access": {
            "groups": list(manifest.identity.groups),
            "roles": {role.key: list(role.groups) for role in manifest.roles},
        },
    }


def manifest_of(template: Template, content: Content) -> m.Manifest:
    """The app as the draft stands, finished or not; `problems` says what is wrong with it."""
    return m.build(manifest_data(template, content))


def problems(template: Template, content: Content) -> list[m.Problem]:
    """What keeps the draft from being a manifest."""
    return m.check(manifest_data(template, content))


def manifest_data(template: Template, content: Content) -> dict[str, Any]:
    """Plain data of the manifest that `content` makes with `template`."""
    admitted = content["access"]["groups"]
    chosen = content["access"]["roles"]
    return {
        "apiVersion": m.API_VERSION,
        "kind": m.KIND,
        "metadata": dict(content["metadata"]),
        "template": {"id": template.id, "version": template.version},
        "hosting": dict(content["hosting"]),
        "identity": {"provider": "sso", "groups": list(admitted)},
        "datasets": [_dataset(one, content["hosting"]["region"]) for one in content["datasets"]],
        "connectors": m.plain(template.manifest_connectors(content["hosting"]["region"])),
        "roles": [
            {
                "key": role.key,
                "title": role.title,
                "groups": [group for group in chosen.get(role.key, []) if group in admitted],
                "permissions": list(role.permissions),
            }
            for role in template.roles
        ],
        "pages": [_page(page, content) for page in template.pages],
        "guardrails": {"exports_per_day": template.guardrails.exports_per_day},
        "locked": list(template.locked),
    }


def _dataset(dataset: Mapping[str, Any], region: str) -> dict[str, Any]:
    return {**dataset, "region": region, "fields": [_field(field) for field in dataset["fields"]]}


def _field(field: Field) -> Field:
    """A field without what its type has no use for."""
    kept = dict(field)
    if kept["type"] != "choice":
        kept["options"] = []
    return kept


def _page(page: TemplatePage, content: Content) -> dict[str, Any]:
    fields: list[Field] = next(
        (one["fields"] for one in content["datasets"] if one["key"] == page.dataset), []
    )
    made: dict[str, Any] = {"kind": page.kind, "dataset": page.dataset, "title": page.title}
    if page.kind == "dashboard":
        named = [field["id"] for field in fields if field["name"] in page.charts]
        grouped = [field["id"] for field in fields if field["type"] in ("choice", "boolean")]
        made["charts"] = [{"field": one, "measure": "count"} for one in (named or grouped)[:12]]
    else:
        made["fields"] = [field["id"] for field in fields]
    return made


# -- changes that a builder makes ---------------------------------------------------------------------


def changed_fields(
    content: Content, change: Callable[[list[Field]], list[Field]], dataset: int = 0
) -> Content:
    """`content` with the fields of one dataset replaced by `change` of them."""
    made = deepcopy(content)
    made["datasets"][dataset]["fields"] = change(made["datasets"][dataset]["fields"])
    return made


def add_fields(content: Content, fields: Iterable[Field]) -> Content:
    """`content` with `fields` at the end of its first dataset; a name that is taken gets a number."""

    def change(present: list[Field]) -> list[Field]:
        taken = {field["name"] for field in present}
        for field in fields:
            field["name"] = _free(field["name"], taken)
            taken.add(field["name"])
            present.append(field)
        return present[:MAX_FIELDS]

    return changed_fields(content, change)


def remove_field(content: Content, which: str) -> Content:
    """`content` without the field `which`."""
    return changed_fields(content, lambda fields: [field for field in fields if field["id"] != which])


def move_field(content: Content, which: str, by: int) -> Content:
    """`content` with the field `which` moved `by` places (negative: towards the top)."""

    def change(fields: list[Field]) -> list[Field]:
        at = next((n for n, field in enumerate(fields) if field["id"] == which), None)
        if at is not None:
            field = fields.pop(at)
            fields.insert(max(0, at + by), field)
        return fields

    return changed_fields(content, change)


def slug_of(title: str) -> str:
    """An address made from a title: small letters, digits, hyphens; empty if nothing is left."""
    return _ascii(title, "-")[:60].strip("-")


def name_of(label: str) -> str:
    """A field's machine name made from what people call it."""
    return _ascii(label, "_")[:40].strip("_")


def _ascii(text: str, glue: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"^[0-9]+", "", re.sub(r"[^a-z0-9]+", glue, plain.lower()).strip(glue)).strip(glue)


def _free(name: str, taken: set[str]) -> str:
    if not name or name not in taken:
        return name
    return next(free for n in range(2, MAX_FIELDS + 2) if (free := f"{name[:36]}_{n}") not in taken)
