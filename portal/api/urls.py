"""Addresses of the API, below /api/v1/."""

from django.urls import path

from identity.models import Scope
from policy.states import VersionState
from portal.api import device, openapi, views
from portal.api.decisions import ACTIONS
from portal.api.operations import Operation, Schema, view_of

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
TEXTS: Schema = {"type": "array", "items": TEXT}
PAGING: dict[str, Schema] = {
    "page": {**NUMBER, "minimum": 1},
    "sort": {**TEXT, "description": "field id; - before it: falling"},
}

BOOL: Schema = {"type": "boolean"}
QUESTION: dict[str, Schema] = {
    "subject": {**TEXT, "description": "user name, or “me”"},
    "action": {**TEXT, "enum": sorted(ACTIONS)},
    "app": {**TEXT, "description": "short name of a live app"},
    "dataset": TEXT,
    "fields": {**TEXTS, "description": "names; without it all"},
    "target": {**TEXT, "description": "region that data goes to"},
    "raw": {**BOOL, "description": "protected values in clear"},
    "preview": {**BOOL, "description": "only counted, never kept: nothing may follow from it"},
    "session": {
        "type": "object",
        "description": "what the sign-in of the person showed (OpenID Connect Core 1.0, section 2)",
        "properties": {
            "acr": TEXT,
            "amr": TEXTS,
            "auth_time": NUMBER,
            "device_compliant": BOOL,
            "address": TEXT,
        },
    },
}
DECISION: dict[str, Schema] = {
    "id": TEXT,
    "allowed": BOOL,
    "reasons": {"type": "array", "items": {"type": "object"}},
    "obligations": {"type": "object"},
    "tier": TEXT,
    "approvals": {"type": "array", "items": {"type": "object"}},
    "revision": TEXT,
    "engine": TEXT,
    "milliseconds": {"type": "number"},
    "page": {"type": ["string", "null"], "description": "explains it, where it is kept"},
}

VERSION: dict[str, Schema] = {
    "id": TEXT,
    "number": NUMBER,
    "revision": TEXT,
    "base": {**TEXT, "description": "the revision that was in force when it was proposed"},
    "state": {**TEXT, "enum": VersionState.values},
    "checks": {
        "type": "array",
        "items": {"type": "object", "properties": {"name": TEXT, "ok": BOOL, "detail": TEXT}},
    },
    "page": TEXT,
}

OPERATIONS = [
    Operation(
        "GET",
        "me",
        "me",
        "Whose token it is, and what it may do",
        "",
        {"id": TEXT, "name": TEXT, "username": TEXT, "tenant": TEXT, "roles": TEXTS, "token": {}},
    ),
    Operation(
        "DELETE", "token", "revoke", "Revoke the token of this call", "", {"revoked": {"type": "boolean"}}
    ),
    Operation(
        "GET",
        "apps",
        "apps",
        "The live apps that the token's owner may use",
        Scope.APPS_READ,
        {"apps": {"type": "array", "items": {"type": "object"}}},
        query={"q": TEXT},
    ),
    Operation(
        "GET",
        "apps/<slug:slug>/datasets/<str:dataset>/records",
        "records",
        "A page of records, masked as on the app's pages",
        Scope.RECORDS_READ,
        {
            "count": NUMBER,
            "count_is_capped": {"type": "boolean"},
            "page": NUMBER,
            "pages": NUMBER,
            "records": {"type": "array", "items": {"type": "object"}},
        },
        query={"q": TEXT, **PAGING},
    ),
    Operation(
        "POST",
        "apps/<slug:slug>/datasets/<str:dataset>/exports",
        "request_export",
        "Ask for a copy of a dataset",
        Scope.EXPORTS_CREATE,
        {"id": TEXT, "state": TEXT, "page": TEXT},
        body={"purpose": TEXT, "target": TEXT, "raw": {"type": "boolean"}},
        status=202,
    ),
    Operation(
        "POST",
        "decisions",
        "decide",
        "Ask the policy whether somebody may do something with data of an app",
        Scope.DECISIONS_CREATE,
        DECISION,
        body=QUESTION,
    ),
    Operation(
        "POST",
        "decisions/batch",
        "decide_all",
        "The same for up to a hundred questions; each has its decision or its error, in order",
        Scope.DECISIONS_CREATE,
        {"decisions": {"type": "array", "items": {"type": "object", "properties": DECISION}}},
        body={"decisions": {"type": "array", "items": {"type": "object", "properties": QUESTION}}},
    ),
    Operation(
        "POST",
        "policy/versions",
        "propose_rules",
        "Propose rules: all .rego files, tests included; the same again is the same version",
        Scope.POLICY_PROPOSE,
        VERSION,
        body={"message": TEXT, "files": {"type": "object", "additionalProperties": TEXT}},
        status=202,
    ),
    Operation(
        "GET",
        "policy/versions/<uuid:version_id>",
        "rules_version",
        "How proposed rules stand, and what their checks found",
        Scope.POLICY_PROPOSE,
        VERSION,
    ),
]

urlpatterns = [
    *(path(one.path, view_of(one, getattr(views, one.name)), name=f"api-{one.name}") for one in OPERATIONS),
    path("device/authorize", device.authorize, name="api-device-authorize"),
    path("device/token", device.token, name="api-device-token"),
    path("openapi.json", openapi.document_view(OPERATIONS), name="api-openapi"),
]
