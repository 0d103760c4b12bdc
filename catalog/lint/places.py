"""From what policy found to places in the file: the fields, operations and texts that a finding names."""

import gettext
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catalog import manifest as m
from policy import wording
from policy.outcome import Finding as Found
from policy.outcome import Kind, Outcome

from .examine import Examined
from .findings import Finding, Level, plain

Path = tuple[str | int, ...]
Spot = tuple[Path, Mapping[str, Any]]  # where, and the finding's params for that place alone

_ENGLISH = gettext.NullTranslations()
_LEVELS = {Kind.DENY: Level.ERROR, Kind.WARN: Level.WARNING}
# the tag that a rule speaks of, where it names fields
_MEMBERS = {
    "catalog.untagged_field/classification": "classification",
    "catalog.untagged_field/residency": "residency",
    "data.pii_masking/masked": "classification",
    "downgrade.reason/given": "classification",
    "downgrade.reason/missing": "classification",
    "residency.cross_region_export/storage": "residency",
    "retention.bounds/missing": "retention_days",
    "retention.bounds/too_long": "retention_days",
    "retention.bounds/too_short": "retention_days",
}
# what rules speak of that name nothing
_PARTS: Mapping[str, Path] = {
    "approval.tier/asks": ("metadata",),
    "catalog.untagged_field/no_field": ("datasets",),
    "identity.sso_required/group": ("identity", "groups"),
    "identity.sso_required/provider": ("identity", "provider"),
    "residency.cross_region_export/hosting": ("hosting", "region"),
    "residency.cross_region_export/mixed": ("datasets",),
}
UNAVAILABLE = Found("engine.unavailable", "denied", Kind.DENY, {})


def findings(examined: Examined, outcome: Outcome | None) -> Iterator[Finding]:
    """What the rules said of a source: each denial at every place, each warning once, no praise."""
    for found in outcome.findings if outcome else (UNAVAILABLE,):
        level = _LEVELS.get(found.kind)
        if level is None:
            continue
        spots = list(_spots(found, examined.manifest)) or [((), found.params)]
        if level is Level.WARNING:
            spots = [(spots[0][0], found.params)]
        for path, params in spots:
            yield _finding(examined, found, level, path, params)


def _finding(
    examined: Examined, found: Found, level: Level, path: Path, params: Mapping[str, Any]
) -> Finding:
    line, column = m.nearest(path, examined.places)
    return Finding(
        file=examined.source.name,
        line=line or 1,
        column=column or 1,
        rule=found.code,
        case=found.case,
        level=level,
        message=plain(wording.text(_ENGLISH, found.code, found.case, params)),
        remedy=plain(wording.remedy(_ENGLISH, found.code, found.case, params)),
        where=plain(m.Problem("value", path).where),
    )


def _spots(found: Found, manifest: m.Manifest | None) -> Iterator[Spot]:
    """The place that is known for this finding, else those that its params name, whichever rule it is."""
    if part := _PARTS.get(f"{found.code}/{found.case}"):
        yield part, found.params
    elif manifest is not None:
        for name, places in _NAMED.items():
            if name in found.params:
                yield from places(found, manifest)
                return


def _fields(found: Found, manifest: m.Manifest) -> Iterator[Spot]:
    member = _MEMBERS.get(f"{found.code}/{found.case}")
    for number, dataset in enumerate(manifest.datasets):
        for index, field in enumerate(dataset.fields):
            if field.id in found.params["fields"]:
                path: Path = ("datasets", number, "fields", index)
                only = {**found.params, "fields": [field.id], "count": 1}
                yield (*path, member) if member else path, only


def _texts(found: Found, _: m.Manifest) -> Iterator[Spot]:
    for pointer in found.params["paths"]:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
        path = tuple(int(step) if step.isdigit() else step for step in steps if step)
        yield path, {**found.params, "paths": [pointer], "count": 1}


def _operations(found: Found, manifest: m.Manifest) -> Iterator[Spot]:
    for number, connector in enumerate(manifest.connectors):
        for index, operation in enumerate(connector.operations):
            here = found.params.get("connector", connector.id) == connector.id
            if here and operation in found.params["operations"]:
                path = ("connectors", number, "operations", index)
                yield path, {**found.params, "operations": [operation]}


def _items(part: str, member: str, name: str) -> Callable[[Found, m.Manifest], Iterator[Spot]]:
    """Places of the manifest's items of `part` whose `member` is (among) what the param `name` says."""

    def spots(found: Found, manifest: m.Manifest) -> Iterator[Spot]:
        named = found.params[name]
        for number, item in enumerate(getattr(manifest, part)):
            key = getattr(item, member)
            if key == named or (isinstance(named, list) and key in named):
                yield (part, number), {**found.params, name: [key] if isinstance(named, list) else key}

    return spots


# the first that a finding has says where it is
_NAMED: Mapping[str, Callable[[Found, m.Manifest], Iterator[Spot]]] = {
    "fields": _fields,
    "paths": _texts,
    "operations": _operations,
    "connector": _items("connectors", "id", "connector"),
    "connectors": _items("connectors", "id", "connectors"),
    "roles": _items("roles", "key", "roles"),
    "datasets": _items("datasets", "key", "datasets"),
}
