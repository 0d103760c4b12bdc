"""Facts for decisions in tests: one plain app, changed where a test needs it."""

import uuid
from dataclasses import replace
from typing import Any

from policy.inputs import (
    AppFacts,
    AppRoleFacts,
    Context,
    DatasetFacts,
    FieldFacts,
    Resource,
    Subject,
    Target,
)

EU = Target(region="eu", jurisdiction="eu", provider="own")
US = Target(region="us", jurisdiction="us", provider="own")
TENANT = "0190a000-0000-7000-8000-000000000001"
LENA = "0190a000-0000-7000-8000-0000000000a1"
APP = "0190a000-0000-7000-8000-0000000000b1"
EVERYTHING = frozenset(
    {"record.create", "record.list", "record.read", "record.update", "record.delete", "record.export"}
    | {"dashboard.view"}
)

COMPANY = FieldFacts(id="f_company", classification="internal", level=1, residency=EU)
EMAIL = FieldFacts(
    id="f_email",
    classification="pii",
    level=3,
    personal=True,
    residency=EU,
    retention_days=365,
    retention_max_days=730,
)
HEALTH = replace(EMAIL, id="f_health", classification="health", level=4)


def subject(**changes: Any) -> Subject:
    """Lena, a builder of Marketing."""
    facts = {
        "id": LENA,
        "tenant": TENANT,
        "roles": frozenset({"builder"}),
        "groups": frozenset({"Marketing"}),
    }
    return Subject(**{**facts, **changes})


def app(*fields: FieldFacts, permissions: frozenset[str] = EVERYTHING, **changes: Any) -> AppFacts:
    """A live app of Lena's on one EU dataset that Marketing uses."""
    facts: dict[str, Any] = {
        "id": APP,
        "tenant": TENANT,
        "state": "live",
        "owners": frozenset({LENA}),
        "hosting": EU,
        "template_approved": True,
        "identity_provider": "sso",
        "identity_groups": frozenset({"Marketing"}),
        "datasets": (DatasetFacts(key="leads", storage=EU, fields=fields or (COMPANY,)),),
        "roles": (AppRoleFacts(key="member", groups=frozenset({"Marketing"}), permissions=permissions),),
    }
    return AppFacts(**{**facts, **changes})


def of(facts: AppFacts, **changes: Any) -> Resource:
    """The app itself, or with dataset="leads" its records."""
    return Resource(tenant=facts.tenant, app=facts, **changes)


def in_tenant(tenant: uuid.UUID, person: uuid.UUID, *fields: FieldFacts, **changes: Any) -> dict[str, Any]:
    """Subject and resource for real people: what decide() takes, by name."""
    return {
        "subject": subject(id=str(person), tenant=str(tenant)),
        "resource": of(app(*fields, tenant=str(tenant), owners=frozenset({str(person)})), **changes),
    }


NOWHERE = Context()
