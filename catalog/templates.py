"""Templates as code (T1, T2): one folder each under catalog/library, read and checked at start.

A template gives an app's data, roles, pages, connectors and limits, and locks the parts that a builder
may not change. `untouched` is what holds an app to them, however its manifest came to be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from catalog import manifest as m
from catalog.manifest import ManifestError, Problem

LIBRARY = Path(__file__).with_name("library")
TEMPLATE_FILE = "template.yaml"
TAGS = ("classification", "residency", "retention_days")

_REQUIRED = {
    "id": str,
    "version": str,
    "title": str,
    "description": str,
    "category": str,
    "icon": str,
    "purpose": str,
    "region": str,
    "guide": list,
    "datasets": list,
    "connectors": list,
    "roles": list,
    "pages": list,
    "guardrails": dict,
    "locked": list,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One named thing that a connector can do; `access` is read or write, the limits as in a manifest."""

    id: str
    title: str
    access: str
    roles: tuple[str, ...] = ()
    per_hour: int | None = None
    hours: str = ""
    days: tuple[str, ...] = ()
    step_up: bool = False
    ticket: bool = False

    def guardrails(self) -> m.OperationGuardrails:
        """Its direction and limits as a manifest says them."""
        limits = (self.roles, self.per_hour, self.hours, self.days, self.step_up, self.ticket)
        return m.OperationGuardrails(self.id, self.access, *limits)


@dataclass(frozen=True, slots=True)
class TemplateConnector:
    """A system outside with the operations that apps of this template are given.

    `region` is where it lies; "" is the app's own region, wherever that is: there is one in each.
    """

    id: str
    title: str
    operations: tuple[Operation, ...]
    region: str = ""
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateRole:
    """A role that apps of this template have; the builder says which groups hold it."""

    key: str
    title: str
    description: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """A page over a whole dataset; `charts` are names of fields to group by."""

    kind: str
    dataset: str
    title: str
    charts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """One template at its published version. `datasets` are plain data: the start of a builder's own."""

    id: str
    version: str
    title: str
    description: str
    category: str
    icon: str
    purpose: str
    region: str
    guide: tuple[str, ...]
    datasets: tuple[Mapping[str, Any], ...]
    connectors: tuple[TemplateConnector, ...]
    roles: tuple[TemplateRole, ...]
    pages: tuple[TemplatePage, ...]
    guardrails: m.Guardrails
    locked: tuple[str, ...]

    def manifest_connectors(self, region: str = "") -> tuple[m.Connector, ...]:
        """The connectors as the manifest of an app in `region` names them."""
        return tuple(
            m.Connector(
                one.id,
                tuple(op.id for op in one.operations),
                one.region or region,
                one.scope,
                tuple(op.guardrails() for op in one.operations),
            )
            for one in self.connectors
        )

    def untouched(self, manifest: m.Manifest) -> bool:
        """Whether `manifest` was made from this very version and keeps every part that it locks.

        Which groups come in, and hold which role, is the builder's to say even where identity and
        roles are locked.
        """
        if manifest.template != m.TemplateRef(self.id, self.version) or manifest.locked != self.locked:
            return False
        kept = {
            "identity": manifest.identity.provider == "sso",
            "connectors": manifest.connectors == self.manifest_connectors(manifest.hosting.region),
            "guardrails": manifest.guardrails == self.guardrails,
            "hosting": manifest.hosting.region == self.region,
            "roles": [(one.key, one.permissions) for one in manifest.roles]
            == [(one.key, one.permissions) for one in self.roles],
            "pages": [(one.kind, one.dataset) for one in manifest.pages]
            == [(one.kind, one.dataset) for one in self.pages],
        }
        return all(kept[part] for part in self.locked)


@cache
def registry() -> Mapping[str, Template]:
    """All templates by id, read once.

    Raises:
        ManifestError: a template is broken; `manage.py check` tells which (catalog/checks.py).
    """
    return {one.id: one for one in map(load, folders())}


def folders(library: Path = LIBRARY) -> list[Path]:
    """The folders that hold a template."""
    return sorted(path.parent for path in library.glob(f"*/{TEMPLATE_FILE}"))


def load(folder: Path) -> Template:
    """The template in `folder`, its shape checked; catalog/checks.py also makes an app of it.

    Raises:
        ManifestError: with every problem found, each with its line.
    """
    loaded = m.load((folder / TEMPLATE_FILE).read_bytes())
    problems = list(_shape(loaded.data, folder.name))
    if problems:
        raise ManifestError([m.placed(problem, loaded.places) for problem in problems])
    try:
        return _build(loaded.data)
    except (KeyError, TypeError) as error:
        raise ManifestError([Problem("syntax", params={"problem": f"{error} in {folder.name}"})]) from error


def unfit(template: Template, folder: Path) -> Iterator[Problem]:
    """What keeps a template of the right form out of a library: untagged fields, open locks, no guide."""
    for number, dataset in enumerate(template.datasets):
        for index, field in enumerate(dataset["fields"]):
            if missing := [tag for tag in TAGS if not field.get(tag)]:
                place = ("datasets", number, "fields", index)
                yield Problem("template_untagged", place, params={"missing": ", ".join(missing)})
    if not {"identity", "connectors"} <= set(template.locked):
        yield Problem("template_unlocked", ("locked",))
    if not (folder / "README.md").is_file():
        yield Problem("template_readme")


def _shape(data: Any, folder: str) -> list[Problem]:
    if not isinstance(data, dict):
        return [Problem("type", params={"expected": "a mapping of names to values"})]
    found = [Problem("required", params={"name": name}) for name in _REQUIRED if name not in data]
    found += [Problem("unknown", (name,), params={"name": name}) for name in data if name not in _REQUIRED]
    for name, kind in _REQUIRED.items():
        if name in data and not isinstance(data[name], kind):
            found.append(Problem("type", (name,), params={"expected": kind.__name__}))
    if data.get("id") != folder:
        found.append(Problem("choice", ("id",), params={"value": str(data.get("id")), "allowed": folder}))
    return found


def _build(data: Mapping[str, Any]) -> Template:
    plain = {name: data[name] for name in ("id", "version", "title", "description", "category", "icon")}
    return Template(
        **plain,
        purpose=data["purpose"],
        region=data["region"],
        guide=tuple(data["guide"]),
        datasets=tuple(data["datasets"]),
        connectors=tuple(map(_connector, data["connectors"])),
        roles=tuple(
            TemplateRole(**one | {"permissions": tuple(one["permissions"])}) for one in data["roles"]
        ),
        pages=tuple(TemplatePage(**one | {"charts": tuple(one.get("charts", ()))}) for one in data["pages"]),
        guardrails=m.Guardrails(**data["guardrails"]),
        locked=tuple(data["locked"]),
    )


def _connector(data: Mapping[str, Any]) -> TemplateConnector:
    return TemplateConnector(
        data["id"],
        data["title"],
        tuple(Operation(**{name: _frozen(value) for name, value in op.items()}) for op in data["operations"]),
        data.get("region", ""),
        _frozen(data.get("scope", [])),
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
