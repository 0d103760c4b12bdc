"""An agent's calls, without an agent."""

import gzip
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.test import Client

from identity.tenancy import tenant_scope
from policy.models import OpaAgent, StoredDecision
from policy.rulebook import shipped
from tests.cast import Cast
from tests.services import POSTGRES

BUNDLE = "/opa/v1/bundles/portal.tar.gz"


@dataclass
class Caller:
    """An agent as the portal sees it: a row, a token, and the calls that it makes."""

    cast: Cast
    row: OpaAgent
    token: str
    client: Client = field(default_factory=Client)

    def get(self, path: str = BUNDLE, **headers: str) -> Any:
        return self.client.get(path, headers={"authorization": f"Bearer {self.token}"} | headers)

    def post(self, path: str, body: bytes, encoding: str = "gzip") -> Any:
        headers = {"authorization": f"Bearer {self.token}"} | (
            {"content-encoding": encoding} if encoding else {}
        )
        return self.client.generic("POST", path, body, content_type="application/json", headers=headers)

    def log(self, *entries: Any) -> Any:
        return self.post("/opa/v1/logs", gzip.compress(json.dumps(entries).encode()))

    def kept(self) -> list[StoredDecision]:
        with tenant_scope(self.cast.tenant.pk):
            return list(StoredDecision.objects.filter(engine=self.row.engine))

    def events(self) -> list[dict[str, Any]]:
        """What is on the record, numbered or not."""
        with psycopg.connect(POSTGRES.url()) as server:
            rows = server.execute("SELECT body FROM ledger.event ORDER BY id").fetchall()
        return [json.loads(row[0]) for row in rows]

    def fresh(self) -> OpaAgent:
        with tenant_scope(self.cast.tenant.pk):
            return OpaAgent.objects.get(pk=self.row.pk)


def entry(cast: Cast, **changes: Any) -> dict[str, Any]:
    """A denial as OPA tells of it: Mia, who has no role in the app, wants to change a record."""
    app_ = {"id": str(uuid.uuid4()), "tenant": str(cast.tenant.pk), "state": "live"}
    facts = {
        "action": "record.update",
        "subject": {"id": str(cast.mia.pk), "tenant": str(cast.tenant.pk), "active": True},
        "resource": {"tenant": str(cast.tenant.pk), "app": app_, "dataset": "leads"},
        "context": {"requester": str(cast.mia.pk)},
    }
    finding = {"case": "permission", "kind": "deny", "params": {"action": "record.update"}}
    result = {
        "allow": False,
        "findings": {"access.app_role": [finding]},
        "obligations": {"mask": {}, "flags": [], "rate": {}},
        "tier": {"name": "none", "steps": [], "because": []},
    }
    return {
        "labels": {"id": "x", "version": "1.22.2", "host": "mias-laptop"},
        "decision_id": str(uuid.uuid4()),
        "bundles": {"portal": {"revision": shipped().revision}},
        "path": "portal/main/decision",
        "input": facts,
        "result": result,
        "requested_by": "192.0.2.7:1234",
        "timestamp": "2026-01-02T03:04:05.123456789Z",
        "metrics": {"timer_server_handler_ns": 2_500_000},
        **changes,
    }
