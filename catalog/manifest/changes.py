"""What differs between two manifests, ready to be put in words (catalog/words.py)."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .shape import Dataset, Field, Manifest

# tags decide masking, storage and approval: a reviewer reads these first
TAGS = ("classification", "residency", "retention_days", "purpose")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `code` is `<part>.<added|removed|changed|reordered>`; `old` and `new` are plain values.

    `subject` names what changed (a field's label, a role's title), `member` which of its parts.
    """

    code: str
    subject: str = ""
    member: str = ""
    old: Any = None
    new: Any = None

    @property
    def tag(self) -> bool:
        """Whether a tag of a field changed, or a field came or went."""
        return self.code in ("field.added", "field.removed") or (
            self.code == "field.changed" and self.member in TAGS
        )


def diff(old: Manifest, new: Manifest) -> list[Change]:
    """Every difference from `old` to `new`, by part; empty when their digests are equal."""
    found = [
        *_members("app", "", old.metadata, new.metadata),
        *_members("template", "", old.template, new.template),
        *_members("hosting", "", old.hosting, new.hosting),
        *_members("access", "", old.identity, new.identity),
        *_keyed("dataset", _by(old.datasets, "key"), _by(new.datasets, "key"), skip=("fields",)),
    ]
    for dataset in new.datasets:
        before = _by(old.datasets, "key").get(dataset.key)
        found += _fields(before, dataset)
    found += _keyed("connector", _by(old.connectors, "id"), _by(new.connectors, "id"))
    found += _keyed("role", _by(old.roles, "key"), _by(new.roles, "key"))
    if old.pages != new.pages:
        found.append(Change("pages.changed", old=_titles(old.pages), new=_titles(new.pages)))
    found += _members("guardrails", "", old.guardrails, new.guardrails)
    if old.locked != new.locked:
        found.append(Change("locked.changed", old=list(old.locked), new=list(new.locked)))
    for part in ("datasets", "connectors", "roles"):
        if _moved(getattr(old, part), getattr(new, part)):
            found.append(Change(f"{part}.reordered"))
    return found


def _fields(before: Dataset | None, after: Dataset) -> Iterator[Change]:
    old = before.fields if before else ()
    yield from _keyed("field", _by(old, "id"), _by(after.fields, "id"))
    if _moved(old, after.fields):
        yield Change("fields.reordered", subject=after.title)


def _keyed(
    part: str, old: Mapping[str, Any], new: Mapping[str, Any], skip: tuple[str, ...] = ()
) -> Iterator[Change]:
    for key, item in new.items():
        if key not in old:
            yield Change(f"{part}.added", _name(item), new=_brief(item))
        else:
            yield from _members(part, _name(item), old[key], item, skip)
    for key, item in old.items():
        if key not in new:
            yield Change(f"{part}.removed", _name(item), old=_brief(item))


def _members(part: str, subject: str, old: Any, new: Any, skip: tuple[str, ...] = ()) -> Iterator[Change]:
    for member in dataclasses.fields(new):
        if member.name in skip:
            continue
        before, after = getattr(old, member.name), getattr(new, member.name)
        if before != after:
            yield Change(f"{part}.changed", subject, member.name, _value(before), _value(after))


def _moved(old: Sequence[Any], new: Sequence[Any]) -> bool:
    """Whether the parts that both have stand in another order."""
    before, after = [_key(item) for item in old], [_key(item) for item in new]
    return [key for key in before if key in after] != [key for key in after if key in before]


def _by(items: Sequence[Any], member: str) -> dict[str, Any]:
    return {getattr(item, member): item for item in items}


def _key(item: Any) -> str:
    return str(item.id if hasattr(item, "id") else item.key)


def _name(item: Any) -> str:
    for member in ("label", "title", "id"):
        if hasattr(item, member):
            return str(getattr(item, member))
    raise TypeError(type(item).__name__)


def _brief(item: Any) -> Any:
    if isinstance(item, Field):
        return item.classification
    return _value(getattr(item, "operations", getattr(item, "permissions", None)))


def _titles(pages: Sequence[Any]) -> list[str]:
    return [page.title for page in pages]


def _value(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return [_value(item) for item in value] if isinstance(value, tuple) else value
