"""A live app for tests, made of a manifest as catalog leaves one: rows, tables, keys, tags."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from catalog import manifest as m
from catalog.models import App, AppVersion
from catalog.specs import specs, to_seal
from catalog.states import AppState, VersionState
from catalog.vocabulary import vocabulary
from datacatalog import tables
from datacatalog.services.scheme import seed_scheme
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from runtime import gateway
from runtime.live import LiveApp, live_app
from vault import services as vault

EMAIL, NAME, PHONE, COMPANY, SOURCE, BUDGET, MET, CONSENT, NOTES, SECRET = (
    f"f_test{n:04d}" for n in range(10)
)
FIELDS: list[dict[str, Any]] = [
    {"id": EMAIL, "name": "work_email", "label": "Work email", "type": "email", "classification": "pii"},
    {"id": NAME, "name": "full_name", "label": "Full name", "type": "text", "classification": "pii"},
    {"id": PHONE, "name": "phone", "label": "Phone", "type": "phone", "classification": "pii"},
    {"id": COMPANY, "name": "company", "label": "Company", "type": "text", "classification": "internal"},
    {
        "id": SOURCE,
        "name": "source",
        "label": "Lead source",
        "type": "choice",
        "classification": "public",
        "options": ["Event", "Website", "Referral"],
    },
    {"id": BUDGET, "name": "budget", "label": "Budget", "type": "money", "classification": "internal"},
    {"id": MET, "name": "met_on", "label": "Met on", "type": "date", "classification": "internal"},
    {"id": CONSENT, "name": "consent", "label": "Consent", "type": "boolean", "classification": "internal"},
    {"id": NOTES, "name": "notes", "label": "Notes", "type": "long_text", "classification": "internal"},
    {"id": SECRET, "name": "secret", "label": "Health note", "type": "text", "classification": "health"},
]
REQUIRED = {EMAIL, COMPANY}
MEMBER = ["record.create", "record.list", "record.read", "record.export", "dashboard.view"]
LEAD = [*MEMBER, "record.update", "record.delete", "value.reveal"]
VALUES: dict[str, Any] = {
    EMAIL: "canary.mail@example.org",
    NAME: "Canary Person",
    PHONE: "+493012345678",
    COMPANY: "Contoso",
    SOURCE: "Event",
    BUDGET: 12_50,
    NOTES: "Met at the stand",
    SECRET: "canary-diagnosis",
}
CANARIES = ("canary.mail", "Canary Person", "493012345678", "canary-diagnosis")


def make_app(
    owner: User,
    *,
    slug: str = "leads",
    fields: Sequence[Mapping[str, Any]] = FIELDS,
    roles: Sequence[Mapping[str, Any]] | None = None,
    region: str = "eu",
    exports_per_day: int | None = 20,
    list_fields: Sequence[str] = (),
) -> App:
    """A live app of `owner`'s tenant; call it outside a transaction."""
    with tenant_scope(owner.tenant_id):
        vault.provision(by=None, tenant=owner.tenant_id)
        seed_scheme(by=None, tenant=owner.tenant_id)
        manifest = m.build(_data(slug, fields, roles, region, exports_per_day, list_fields))
        app_id = uuid7()
        sealed = to_seal(manifest, app_id=app_id, words=vocabulary())
    for spec in specs(manifest, app_id=app_id, tenant=owner.tenant_id, number=1, sealed=sealed):
        tables.ensure_table(spec)
    with tenant_scope(owner.tenant_id):
        return publish(owner, manifest, app_id, sealed)


def publish(owner: User, manifest: m.Manifest, app_id: uuid.UUID, sealed: list[str]) -> App:
    """The rows of an app whose version 1 is live."""
    now = timezone.now()
    app = App.objects.create(
        id=app_id,
        tenant_id=owner.tenant_id,
        slug=manifest.metadata.name,
        title=manifest.metadata.title,
        owner=owner,
        unit="Marketing",
        region=manifest.hosting.region,
    )
    version = AppVersion.objects.create(
        tenant_id=owner.tenant_id,
        app=app,
        number=1,
        manifest=m.canonical(manifest).decode(),
        digest=m.digest(manifest),
        template_id=manifest.template.id,
        template_version=manifest.template.version,
        template_kept=True,
        created_by=owner,
        state=VersionState.LIVE,
        live_at=now,
        sealed=sealed,
    )
    app.state, app.live_version, app.live_at = AppState.LIVE, version, now
    app.save()
    return app


def add(app: App, by: User, **changes: Any) -> uuid.UUID:
    """One record through the gateway; `changes` by field id."""
    record = uuid7()
    with tenant_scope(app.tenant_id):
        live = live_app(app.slug)
        dataset = live.dataset("leads")
        values = {**VALUES, **changes}
        known = {name: value for name, value in values.items() if name in dataset.by_id}
        gateway.create_record(by=by, live=live, dataset=dataset, record_id=record, values=known)
    return record


def live_of(app: App) -> LiveApp:
    """The app as the gateway sees it; inside a tenant_scope."""
    return live_app(app.slug)


def _data(
    slug: str,
    fields: Sequence[Mapping[str, Any]],
    roles: Sequence[Mapping[str, Any]] | None,
    region: str,
    exports_per_day: int | None,
    list_fields: Sequence[str],
) -> dict[str, Any]:
    defaults = {"residency": region, "purpose": "Follow up", "retention_days": 365}
    full = [{**defaults, "required": field["id"] in REQUIRED, **field} for field in fields]
    chart = [one["id"] for one in fields if one["type"] in {"choice", "money", "date"}]
    given = roles or [
        {"key": "member", "title": "Member", "groups": ["Marketing"], "permissions": MEMBER},
        {"key": "lead", "title": "Lead", "groups": ["Reviewers"], "permissions": LEAD},
    ]
    pages: list[dict[str, Any]] = [
        {"kind": kind, "dataset": "leads", "title": title}
        for kind, title in (("list", "Leads"), ("form", "New lead"), ("detail", "Lead"))
    ]
    pages[0]["fields"] = list(list_fields)
    pages.append(
        {
            "kind": "dashboard",
            "dataset": "leads",
            "title": "Overview",
            "charts": [{"field": one, "measure": "count"} for one in chart],
        }
    )
    return {
        "apiVersion": m.API_VERSION,
        "kind": m.KIND,
        "metadata": {"name": slug, "title": "Spring leads", "purpose": "Follow up", "unit": "Marketing"},
        "template": {"id": "marketing-lead-capture", "version": "1.0.0"},
        "hosting": {"region": region},
        "identity": {"provider": "sso", "groups": sorted({g for role in given for g in role["groups"]})},
        "datasets": [{"key": "leads", "title": "Leads", "region": region, "fields": full}],
        "roles": [dict(role) for role in given],
        "pages": pages,
        "guardrails": {"exports_per_day": exports_per_day},
    }
