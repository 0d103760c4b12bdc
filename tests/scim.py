"""A company's provider as SCIM sees it: a token, and the calls that it makes."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from identity import services
from identity.models import ScimClient, Tenant

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Scim:
    """A provider's client."""

    tenant: Tenant
    row: ScimClient
    token: str
    client: Client = field(default_factory=Client)  # one: each loads every middleware

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        return self.client.generic(
            method,
            f"/scim/v2{path}",
            content,
            content_type="application/scim+json",
            headers={"authorization": f"Bearer {self.token}"} | headers,
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/scim/v2{path}", query, headers={"authorization": f"Bearer {self.token}"})

    def user(self, username: str = "lena", /, **more: Any) -> dict[str, Any]:
        body = {"schemas": [USER], "userName": username, "externalId": f"x-{username}"} | more
        answer = self.call("POST", "/Users", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def group(self, name: str = "Marketing", members: list[str] | None = None) -> dict[str, Any]:
        body: dict[str, Any] = {"schemas": [GROUP], "displayName": name}
        body["members"] = [{"value": member} for member in members or []]
        answer = self.call("POST", "/Groups", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def patch(self, path: str, *operations: dict[str, Any]) -> Any:
        return self.call("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def found(self, kind: str, filter_: str) -> list[str]:
        answer = self.get(f"/{kind}", filter=filter_)
        assert answer.status_code == 200, answer.content
        return [row.get("userName") or row["displayName"] for row in answer.json()["Resources"]]

    def members(self, group: dict[str, Any]) -> set[str]:
        listed = self.get(f"/Groups/{group['id']}").json().get("members", [])
        return {member["value"] for member in listed}


def make(slug: str) -> Scim:
    tenant = services.create_tenant(by=None, slug=slug, name=slug.title())
    row, token = services.issue_scim_token(by=None, tenant=tenant, name="Provider")
    return Scim(tenant, row, token)


@pytest.fixture
def scim(db: None) -> Scim:
    return make("contoso")


@pytest.fixture
def other(db: None) -> Scim:
    return make("northwind")
