"""From a manifest to the frozen facts that policy decides on. The rules judge; here nothing does.

Pure Python: the wizard, submission, running apps and `portal check` (catalog/lint) all come through here.
"""

import uuid
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Protocol

from catalog import manifest as m
from catalog.connectors import connector_facts
from catalog.templates import Template, registry
from policy.credentials import credential_paths
from policy.inputs import (
    AppFacts,
    AppRoleFacts,
    ConnectorFacts,
    DatasetFacts,
    FieldFacts,
    Resource,
    Target,
)

UNKNOWN = "unknown"  # the law of a region that nobody described


class Class(Protocol):
    """What is known of a classification: a row of the tenant's, or a seed of those that ship."""

    @property
    def code(self) -> str: ...
    @property
    def level(self) -> int: ...
    @property
    def personal(self) -> bool: ...
    @property
    def retention_min_days(self) -> int | None: ...
    @property
    def retention_max_days(self) -> int | None: ...


class Region(Protocol):
    """What is known of a region."""

    @property
    def code(self) -> str: ...
    @property
    def jurisdiction(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def sovereign(self) -> bool: ...


class Words(Protocol):
    """The words that tags are taken from, by code: the tenant's own (vocabulary.py), or those that ship."""

    @property
    def classifications(self) -> Mapping[str, Class]: ...
    @property
    def regions(self) -> Mapping[str, Region]: ...


def resource_of(
    manifest: m.Manifest,
    *,
    app_id: uuid.UUID,
    tenant: uuid.UUID,
    owners: Iterable[uuid.UUID],
    words: Words,
    state: str = "draft",
    template_kept: bool,
    byok: bool = False,
    library: Mapping[str, Template] | None = None,
) -> Resource:
    """The app that `manifest` describes as what is acted on. `byok`: its values are under a key that the
    tenant brought (vault.selectors.brings_own_key). `library`: not the templates that ship."""
    app = app_facts(
        manifest,
        app_id=app_id,
        tenant=tenant,
        owners=owners,
        words=words,
        state=state,
        template_kept=template_kept,
        byok=byok,
        library=library,
    )
    return Resource(tenant=str(tenant), app=app)


def app_facts(
    manifest: m.Manifest,
    *,
    app_id: uuid.UUID,
    tenant: uuid.UUID,
    owners: Iterable[uuid.UUID],
    words: Words,
    state: str,
    template_kept: bool,
    datasets: Iterable[str] | None = None,
    byok: bool = False,
    library: Mapping[str, Template] | None = None,
) -> AppFacts:
    """The facts of an app. `datasets` limits them to those keys, for decisions of a running app."""
    wanted = None if datasets is None else set(datasets)
    return AppFacts(
        id=str(app_id),
        tenant=str(tenant),
        state=state,
        owners=frozenset(map(str, owners)),
        hosting=_target(manifest.hosting.region, words),
        template_approved=template_kept,
        identity_provider=manifest.identity.provider,
        identity_groups=frozenset(manifest.identity.groups),
        datasets=tuple(
            _dataset(one, words) for one in manifest.datasets if wanted is None or one.key in wanted
        ),
        connectors=_connectors(manifest, words, library) if wanted is None else (),  # records ask for none
        roles=tuple(
            AppRoleFacts(key=role.key, groups=frozenset(role.groups), permissions=frozenset(role.permissions))
            for role in manifest.roles
        ),
        credential_paths=credential_paths(m.to_data(manifest)),
        byok=byok,
    )


def kept(manifest: m.Manifest, library: Mapping[str, Template] | None = None) -> bool:
    """Whether the app was made from a template of the library and keeps its locked parts."""
    template = (library or registry()).get(manifest.template.id)
    return template is not None and template.untouched(manifest)


def _dataset(dataset: m.Dataset, words: Words) -> DatasetFacts:
    return DatasetFacts(
        key=dataset.key,
        storage=_target(dataset.region, words),
        fields=tuple(_field(field, words) for field in dataset.fields),
    )


def _field(field: m.Field, words: Words) -> FieldFacts:
    """A classification that the tenant does not know counts as none."""
    known = words.classifications.get(field.classification)
    suggested = words.classifications.get(field.suggestion.classification) if field.suggestion else None
    return FieldFacts(
        id=field.id,
        classification=known.code if known else "",
        level=known.level if known else 0,
        personal=known.personal if known else False,
        residency=_target(field.residency, words) if field.residency in words.regions else None,
        retention_days=field.retention_days,
        retention_min_days=known.retention_min_days if known else None,
        retention_max_days=known.retention_max_days if known else None,
        suggested=suggested.code if suggested else "",
        suggested_level=suggested.level if suggested else 0,
        downgrade_explained=bool(field.downgrade_reason.strip()),
    )


def _connectors(
    manifest: m.Manifest, words: Words, library: Mapping[str, Template] | None
) -> tuple[ConnectorFacts, ...]:
    template = (library or registry()).get(manifest.template.id)
    return connector_facts(manifest, template, partial(_target, words=words))


def _target(code: str, words: Words) -> Target:
    """A region's place and law; one that the tenant does not know lies under none that equals a known one.

    It has to be said: a law that is left out would compare to nothing, and nothing would be found.
    """
    region = words.regions.get(code)
    if region is None:
        return Target(region=code, jurisdiction=UNKNOWN)
    return Target(
        region=region.code,
        jurisdiction=region.jurisdiction,
        provider=region.provider,
        sovereign=region.sovereign,
    )
