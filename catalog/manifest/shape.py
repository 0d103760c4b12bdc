"""The parts of a manifest as frozen dataclasses, named as in the file (docs/reference/manifest.md).

A manifest may be incomplete, a field without classification for one: whether it may be *submitted* is
policy's word. Here it only has to have the right shape.
"""

import dataclasses
import types
import typing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

API_VERSION = "microapps/v1"
KIND = "App"


class FieldType(StrEnum):
    """What a field holds. `money` counts minor units (cents) as a whole number."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"


class PageKind(StrEnum):
    """The pages that an app can have; runtime/pages has one file for each."""

    FORM = "form"
    LIST = "list"
    DETAIL = "detail"
    DASHBOARD = "dashboard"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the app is for and whose it is. `owner` is the id of a person."""

    name: str
    title: str
    description: str = ""
    purpose: str = ""
    owner: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TemplateRef:
    """The template that the app was made from, at the version that was published then."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where the app runs."""

    region: str


@dataclass(frozen=True, slots=True)
class Identity:
    """How people come in: through the company's provider, and which of its groups."""

    provider: str = "sso"
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The field of the data catalog that this one was taken from."""

    dataset: str
    field: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The classification that was proposed when the field was tagged, and why."""

    classification: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field with its tags. `id` never changes and names the column; `name` and `label` may."""

    id: str
    name: str
    label: str
    type: str
    required: bool = False
    classification: str = ""
    residency: str = ""
    purpose: str = ""
    retention_days: int | None = None
    options: tuple[str, ...] = ()
    source: Source | None = None
    suggestion: Suggestion | None = None
    downgrade_reason: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Records of one kind, kept in one region."""

    key: str
    title: str
    region: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationGuardrails:
    """What holds whoever calls `operation`; `access` is "read" or "write", and never both.

    `hours` are "08:00-18:00" by the portal's clock, past midnight where the second is the earlier; `roles`
    are keys of app roles, none for every role that may call connectors.
    """

    operation: str
    access: str = ""
    roles: tuple[str, ...] = ()
    per_hour: int | None = None
    hours: str = ""
    days: tuple[str, ...] = ()
    step_up: bool = False
    ticket: bool = False


@dataclass(frozen=True, slots=True)
class Connector:
    """A system outside, and the named operations that the app may call there. No others exist for it.

    `region` is where the system lies, `scope` what there the app may touch.
    """

    id: str
    operations: tuple[str, ...]
    region: str = ""
    scope: tuple[str, ...] = ()
    guardrails: tuple[OperationGuardrails, ...] = ()


@dataclass(frozen=True, slots=True)
class AppRole:
    """What members of `groups` may do in the app."""

    key: str
    title: str
    groups: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a dashboard: `measure` of the records by `field`."""

    field: str
    measure: str = "count"


@dataclass(frozen=True, slots=True)
class Page:
    """One page over one dataset; `fields` are ids, in order of appearance."""

    kind: str
    dataset: str
    title: str
    fields: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Guardrails:
    """Limits that the running app is held to; None sets no limit."""

    exports_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole app. Everything else (tables, forms, access, connectors) is derived from it."""

    metadata: Metadata
    template: TemplateRef
    hosting: Hosting
    identity: Identity = Identity()
    datasets: tuple[Dataset, ...] = ()
    connectors: tuple[Connector, ...] = ()
    roles: tuple[AppRole, ...] = ()
    pages: tuple[Page, ...] = ()
    guardrails: Guardrails = Guardrails()
    locked: tuple[str, ...] = ()

    def fields(self) -> "typing.Iterator[Field]":
        """All fields of all datasets."""
        for dataset in self.datasets:
            yield from dataset.fields

    def dataset(self, key: str) -> Dataset:
        """The dataset called `key`.

        Raises:
            KeyError: there is none.
        """
        for dataset in self.datasets:
            if dataset.key == key:
                return dataset
        raise KeyError(key)

    def classifications(self) -> tuple[str, ...]:
        """Every classification in use, sorted; the tags of this app's events."""
        return tuple(sorted({field.classification for field in self.fields()} - {""}))


def build(data: typing.Mapping[str, Any]) -> Manifest:
    """The manifest of plain `data` that has the right shape (see check.check)."""
    members = {key: value for key, value in data.items() if key not in ("apiVersion", "kind")}
    made = _decode(Manifest, members)
    assert isinstance(made, Manifest)  # noqa: S101 - tells the type checker
    return made


def to_data(manifest: Manifest) -> dict[str, Any]:
    """Plain data of `manifest` without members that are empty or at their default.

    Leaving them out keeps digests of old manifests as they are when the format gains a member.
    """
    encoded: dict[str, Any] = plain(manifest)
    return {"apiVersion": API_VERSION, "kind": KIND, **encoded}


def _decode(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{key: _decode(hints[key], item) for key, item in value.items()})
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return tuple(_decode(args[0], item) for item in value)
    if origin is types.UnionType:
        return None if value is None else _decode(args[0], value)
    return value


def plain(value: Any) -> Any:
    """A part of a manifest, or several, as plain data without members that are at their default."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    kept = {}
    for part in dataclasses.fields(value):
        item = getattr(value, part.name)
        if part.default is dataclasses.MISSING or item != part.default:
            kept[part.name] = plain(item)
    return kept


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]
