"""From a manifest to the frozen facts that policy decides on. The rules judge; here nothing does."""

import uuid
from collections.abc import Iterable
from functools import partial

from catalog import manifest as m
from catalog.connectors import connector_facts
from catalog.models import App, AppVersion
from catalog.templates import registry
from catalog.vocabulary import Vocabulary
from identity.models import User
from identity.roles import group_names, roles_of
from policy.credentials import credential_paths
from policy.inputs import (
    AppFacts,
    AppRoleFacts,
    ConnectorFacts,
    DatasetFacts,
    FieldFacts,
    Resource,
    Subject,
    Target,
)


def subject_of(user: User) -> Subject:
    """Who asks, with the portal roles and groups of now."""
    return Subject(
        id=str(user.pk),
        tenant=str(user.tenant_id),
        roles=frozenset(role.value for role in roles_of(user)),
        groups=group_names(user),
        active=user.is_active,
    )


def resource_of(
    manifest: m.Manifest,
    *,
    app_id: uuid.UUID,
    tenant: uuid.UUID,
    owners: Iterable[uuid.UUID],
    words: Vocabulary,
    state: str = "draft",
    template_kept: bool,
) -> Resource:
    """The app that `manifest` describes as what is acted on."""
    app = app_facts(
        manifest,
        app_id=app_id,
        tenant=tenant,
        owners=owners,
        words=words,
        state=state,
        template_kept=template_kept,
    )
    return Resource(tenant=str(tenant), app=app)


def app_facts(
    manifest: m.Manifest,
    *,
    app_id: uuid.UUID,
    tenant: uuid.UUID,
    owners: Iterable[uuid.UUID],
    words: Vocabulary,
    state: str,
    template_kept: bool,
    datasets: Iterable[str] | None = None,
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
        connectors=_connectors(manifest, words) if wanted is None else (),  # records ask for none
        roles=tuple(
            AppRoleFacts(key=role.key, groups=frozenset(role.groups), permissions=frozenset(role.permissions))
            for role in manifest.roles
        ),
        credential_paths=credential_paths(m.to_data(manifest)),
    )


def live_app_facts(app: App, version: AppVersion, words: Vocabulary, dataset: str | None = None) -> AppFacts:
    """The facts of a live app for the gateway; with `dataset` about that one alone."""
    return app_facts(
        version.parsed,
        app_id=app.pk,
        tenant=app.tenant_id,
        owners=[app.owner_id],
        words=words,
        state=app.state,
        template_kept=version.template_kept,
        datasets=None if dataset is None else [dataset],
    )


def kept(manifest: m.Manifest) -> bool:
    """Whether the app was made from a template of the library and keeps its locked parts."""
    template = registry().get(manifest.template.id)
    return template is not None and template.untouched(manifest)


def _dataset(dataset: m.Dataset, words: Vocabulary) -> DatasetFacts:
    return DatasetFacts(
        key=dataset.key,
        storage=_target(dataset.region, words),
        fields=tuple(_field(field, words) for field in dataset.fields),
    )


def _field(field: m.Field, words: Vocabulary) -> FieldFacts:
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


def _connectors(manifest: m.Manifest, words: Vocabulary) -> tuple[ConnectorFacts, ...]:
    template = registry().get(manifest.template.id)
    return connector_facts(manifest, template, partial(_target, words=words))


def _target(code: str, words: Vocabulary) -> Target:
    """A region's place and law; one that the tenant does not know has no law, which rules refuse."""
    region = words.regions.get(code)
    if region is None:
        return Target(region=code, jurisdiction="")
    return Target(
        region=region.code,
        jurisdiction=region.jurisdiction,
        provider=region.provider,
        sovereign=region.sovereign,
    )
