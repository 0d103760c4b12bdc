"""A live app as the gateway needs it: read fresh where it can change, built once where it cannot.

The pointer, the owner and the tenant's words for tags are read on each request, so that a go-live, a
retirement or a stricter class of data counts at once. A version never changes: what follows from it and
from those words is kept (docs/adr/0055-gateway.md).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import manifest as m
from catalog.facts import app_facts
from catalog.models import App, AppVersion
from catalog.specs import specs
from catalog.states import AppState
from catalog.vocabulary import Vocabulary, vocabulary
from datacatalog.masking import Kind, kind_of
from datacatalog.models import Classification, Region
from datacatalog.retention import is_over
from datacatalog.specs import DatasetSpec, FieldSpec
from datacatalog.suggest import Signs, suggest
from identity.errors import Missing
from policy.inputs import AppFacts, Target

CACHED = 500
POSTCODES = ("postcode", "postalcode", "zipcode", "postleitzahl")


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

    def is_over(self, made_at: datetime) -> bool:
        """Whether its value may not be kept any more in a record made at `made_at`."""
        return is_over(self.definition.retention_days, made_at, timezone.now())

    @property
    def sealed(self) -> bool:
        """Stored encrypted: the database can neither order nor count by it, nor find a part of it."""
        return self.spec.protected

    @property
    def protected(self) -> bool:
        """Its class is a protected one now: pages never show it in clear by themselves."""
        return self.tag is None or self.tag.protected

    @property
    def plain(self) -> bool:
        """Neither: it may be sorted and counted by."""
        return not (self.sealed or self.protected)

    @property
    def about_people(self) -> bool:
        """Whether its class, or how it is stored, says that it may tell of a person: charts put small groups
        together."""
        return self.tag is None or self.tag.personal or not self.plain

    @property
    def badge(self) -> dict[str, Any]:
        """For _components/badge.html: the class in words and its level."""
        if self.tag is None:
            return {"label": _("Unknown class"), "level": 5}
        return {"label": self.tag.label, "level": self.tag.level}


def is_open_text(item: LiveField) -> bool:
    """A free text that is stored as it is and read by everybody who may list."""
    return item.type == m.FieldType.LONG_TEXT and item.plain


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

    number: int
    digest: str
    manifest: m.Manifest
    datasets: Mapping[str, LiveDataset]
    regions: Mapping[str, Region]


@dataclass(frozen=True)
class LiveApp:
    """The app behind an address, as its pointer stands now. Its records are in the database `database`."""

    id: uuid.UUID
    tenant: uuid.UUID
    slug: str
    title: str
    owner_name: str
    database: str
    design: Design

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
    with connection.cursor() as cursor:
        cursor.execute(_POINTER, [slug, AppState.LIVE])
        row = cursor.fetchone()
    if row is None:
        raise Missing(_("There is no live app at this address."))
    app, tenant, title, database, version, owner, owner_name, stamp = row
    return LiveApp(app, tenant, slug, title, owner_name, database, _design(version, owner, stamp))


# By hand, since each page pays for it: through the ORM it cost four times as much. The stamp is equal while
# the tenant's words for tags and places are the same; the walls keep other tenants' rows out of all of it.
_POINTER = """
    SELECT a.id, a.tenant_id, a.title, a.database, a.live_version_id, a.owner_id,
        (SELECT u.display_name FROM identity_user u WHERE u.id = a.owner_id),
        (SELECT md5(coalesce(string_agg(c::text, ';' ORDER BY c.code), ''))
            FROM datacatalog_classification c)
        || (SELECT md5(coalesce(string_agg(r::text, ';' ORDER BY r.code), '')) FROM datacatalog_region r)
    FROM catalog_app a WHERE a.slug = %s AND a.state = %s
"""


@lru_cache(maxsize=CACHED)
def _design(version_id: uuid.UUID, owner: uuid.UUID, stamp: str) -> Design:  # noqa: ARG001 - part of the key
    """Kept by version, owner and stamp, which together say all that it is made from."""
    version = AppVersion.objects.select_related("app").get(pk=version_id)
    app, manifest, words = version.app, version.parsed, vocabulary()
    made = specs(
        manifest, app_id=app.pk, tenant=app.tenant_id, number=version.number, sealed=version.encrypted
    )
    datasets = {
        definition.key: LiveDataset(
            definition,
            spec,
            _fields(definition, spec, words),
            _facts(app, version, words, definition.key),
        )
        for definition, spec in zip(manifest.datasets, made, strict=True)
    }
    return Design(version.number, version.digest, manifest, datasets, words.regions)


def _facts(app: App, version: AppVersion, words: Vocabulary, dataset: str) -> AppFacts:
    """The facts of the app about that one dataset: a smaller input is decided faster."""
    return app_facts(
        version.parsed,
        app_id=app.pk,
        tenant=app.tenant_id,
        owners=[app.owner_id],
        words=words,
        state=app.state,
        template_kept=version.template_kept,
        datasets=[dataset],
    )


def _fields(definition: m.Dataset, spec: DatasetSpec, words: Vocabulary) -> tuple[LiveField, ...]:
    return tuple(
        LiveField(
            one,
            spec.by_id[one.id],
            words.classifications.get(one.classification),
            kind_of(spec.by_id[one.id].type, _hint(definition, one)),
        )
        for one in definition.fields
    )


def _hint(dataset: m.Dataset, one: m.Field) -> str:
    """A manifest does not keep what detection found; the names of field and dataset tell it again."""
    if "name" in one.name.split("_"):
        return Kind.NAME
    if any(word in one.name.replace("_", "") for word in POSTCODES):
        return Kind.POSTCODE
    found = suggest(Signs(name=one.name, dataset=dataset.key))
    return found.kind if found else ""
