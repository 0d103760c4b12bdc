"""A live app as the gateway needs it: read fresh where it can change, built once where it cannot.

The pointer, the owner and the tenant's words for tags are read on each request, so that a go-live, a
retirement or a stricter class of data counts at once. A version never changes: what follows from it and
from those words is kept (docs/adr/0055-gateway.md).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from catalog import manifest as m
from catalog.facts import live_app_facts
from catalog.models import App, AppVersion
from catalog.specs import specs
from catalog.states import AppState
from catalog.vocabulary import Vocabulary, vocabulary
from datacatalog.masking import Kind, kind_of
from datacatalog.models import Classification, Region
from datacatalog.specs import DatasetSpec, FieldSpec
from identity.errors import Missing
from policy.inputs import AppFacts, Target

CACHED = 500


@dataclass(frozen=True)
class LiveField:
    """One field: what the manifest says, how it is stored, what its class means."""

    definition: m.Field
    spec: FieldSpec
    tag: Classification | None
    mask_kind: Kind

    @property
    def id(self) -> str:
        return self.definition.id

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def label(self) -> str:
        return self.definition.label

    @property
    def type(self) -> str:
        return self.definition.type

    @property
    def required(self) -> bool:
        return self.definition.required

    @property
    def options(self) -> tuple[str, ...]:
        return self.definition.options

    @property
    def column(self) -> str:
        return self.spec.column

    @property
    def protected(self) -> bool:
        """Stored encrypted; pages never show it in clear by themselves."""
        return self.spec.protected

    @property
    def badge(self) -> dict[str, Any]:
        """For _components/badge.html: the class in words and its level."""
        if self.tag is None:
            return {"label": _("Unknown class"), "level": 5}
        return {"label": self.tag.label, "level": self.tag.level}


@dataclass(frozen=True)
class LiveDataset:
    """One dataset of a live app; `facts` are those of the app with this dataset alone."""

    definition: m.Dataset
    spec: DatasetSpec
    fields: tuple[LiveField, ...]
    facts: AppFacts

    @property
    def id(self) -> uuid.UUID:
        return self.spec.id

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def title(self) -> str:
        return self.definition.title

    @cached_property
    def by_id(self) -> Mapping[str, LiveField]:
        return {item.id: item for item in self.fields}

    def chosen(self, ids: tuple[str, ...] | list[str]) -> tuple[LiveField, ...]:
        """The fields with these ids, in that order; all when none is named."""
        return tuple(self.by_id[one] for one in ids) if ids else self.fields

    def tags(self, fields: tuple[LiveField, ...] | None = None) -> list[str]:
        """The classes of `fields` (default: all), for events."""
        chosen = self.fields if fields is None else fields
        return sorted({item.definition.classification for item in chosen} - {""})


@dataclass(frozen=True)
class Design:
    """What follows from a version and the tenant's words; shared by requests."""

    manifest: m.Manifest
    datasets: Mapping[str, LiveDataset]
    regions: Mapping[str, Region]


@dataclass(frozen=True)
class LiveApp:
    """The app behind an address, as its pointer stands now."""

    app: App
    design: Design

    @property
    def id(self) -> uuid.UUID:
        return self.app.pk

    @property
    def tenant(self) -> uuid.UUID:
        return self.app.tenant_id

    @property
    def slug(self) -> str:
        return self.app.slug

    @property
    def title(self) -> str:
        return self.app.title

    @property
    def database(self) -> str:
        """The alias of the database that holds its records."""
        return self.app.database

    @property
    def version(self) -> AppVersion:
        """The version that people use."""
        assert self.app.live_version is not None  # noqa: S101 - the query and a constraint see to it
        return self.app.live_version

    @property
    def manifest(self) -> m.Manifest:
        return self.design.manifest

    def dataset(self, key: str) -> LiveDataset:
        """The dataset called `key`.

        Raises:
            Missing: the live version has none of that name.
        """
        found = self.design.datasets.get(key)
        if found is None:
            raise Missing(_("This app has no such data."))
        return found

    def target(self, code: str) -> Target | None:
        """The region `code` as a place where data may go; None if the tenant has no such region."""
        region = self.design.regions.get(code)
        if region is None:
            return None
        return Target(
            region=region.code,
            jurisdiction=region.jurisdiction,
            provider=region.provider,
            sovereign=region.sovereign,
        )


def live_app(slug: str) -> LiveApp:
    """The live app at the address `slug`, in the tenant at hand: one query once its design is known.

    Raises:
        Missing: there is none, it is not live, or it is another tenant's.
    """
    apps = App.objects.select_related("live_version", "owner").defer("live_version__manifest")
    app = apps.filter(slug=slug, state=AppState.LIVE).annotate(words=_STAMP).first()
    if app is None or app.live_version is None:
        raise Missing(_("There is no live app at this address."))
    return LiveApp(app, _design(_Source(app.live_version.pk, app.owner_id, str(app.words), app)))


# equal while the tenant's words for tags and places are the same; the walls keep other tenants' out
_STAMP = RawSQL(
    """(SELECT md5(coalesce(string_agg(c::text, ';' ORDER BY c.code), '')) FROM datacatalog_classification c)
       || (SELECT md5(coalesce(string_agg(r::text, ';' ORDER BY r.code), '')) FROM datacatalog_region r)""",
    [],
    TextField(),
)


@dataclass(frozen=True)
class _Source:
    """What a design is made from. The first three say whether it is the same."""

    version: uuid.UUID
    owner: uuid.UUID
    stamp: str
    app: App = field(compare=False)


@lru_cache(maxsize=CACHED)
def _design(source: _Source) -> Design:
    app, words = source.app, vocabulary()
    version = app.live_version
    assert version is not None  # noqa: S101 - live_app() looked
    manifest = version.parsed
    made = specs(manifest, app_id=app.pk, tenant=app.tenant_id, number=version.number, words=words)
    datasets = {
        definition.key: LiveDataset(
            definition,
            spec,
            _fields(definition, spec, words),
            live_app_facts(app, version, words, definition.key),
        )
        for definition, spec in zip(manifest.datasets, made, strict=True)
    }
    return Design(manifest, datasets, words.regions)


def _fields(definition: m.Dataset, spec: DatasetSpec, words: Vocabulary) -> tuple[LiveField, ...]:
    return tuple(
        LiveField(
            one,
            spec.by_id[one.id],
            words.classifications.get(one.classification),
            kind_of(spec.by_id[one.id].type, _hint(one)),
        )
        for one in definition.fields
    )


def _hint(one: m.Field) -> str:
    """A manifest does not keep what detection found; a person's name is told by the field's own."""
    return Kind.NAME if "name" in one.name.split("_") or one.name == "name" else ""
