"""Pushes a company's people and groups to a SCIM endpoint, as its identity provider would."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from devidp.people import Company, Person

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True)
class Pushed:
    """How many resources a push made and how many it brought up to date."""

    made: int
    updated: int


class ScimClient:
    """The few SCIM calls that provisioning needs (RFC 7644); every refusal raises."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/scim+json"},
            timeout=30,
        )
        self.made = self.updated = 0

    def find(self, kind: str, attribute: str, value: str) -> str:
        """The `id` of the one resource whose `attribute` equals `value`, or empty."""
        literal = value.replace("\\", "\\\\").replace('"', '\\"')
        answer = self._call("GET", f"/{kind}?filter=" + quote(f'{attribute} eq "{literal}"'))
        found = answer.get("Resources", [])
        if len(found) > 1:
            raise RuntimeError(f"{len(found)} {kind} share one {attribute}; refusing to choose.")
        return str(found[0]["id"]) if found else ""

    def put(self, kind: str, known_id: str, body: dict[str, Any]) -> str:
        """Create the resource, or replace the one of `known_id`; returns its `id`."""
        if known_id:
            self.updated += 1
            return str(self._call("PUT", f"/{kind}/{known_id}", body)["id"])
        self.made += 1
        return str(self._call("POST", f"/{kind}", body)["id"])

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/scim+json"} if body is not None else {}
        answer = self.http.request(method, path, json=body, headers=headers)
        if answer.is_error:
            detail = answer.text[:300]
            where = path.partition("?")[0]  # the filter holds a person's identifier
            raise RuntimeError(f"SCIM {method} {where}: {answer.status_code} {detail}")
        content: dict[str, Any] = answer.json()
        return content


def push(company: Company, client: ScimClient) -> Pushed:
    """Bring the endpoint to the company's directory. Running it again changes nothing."""
    ids: dict[str, str] = {}
    for person in managers_first(company):
        known = client.find("Users", "externalId", person.id)
        ids[person.id] = client.put("Users", known, user_body(person, ids))
    for name in company.groups:
        external_id = group_id(company, name)
        members = [{"value": ids[p.id]} for p in company.people if name in p.groups]
        client.put(
            "Groups",
            client.find("Groups", "externalId", external_id),
            {
                "schemas": [GROUP],
                "externalId": external_id,
                "displayName": name,
                "members": members,
            },
        )
    return Pushed(client.made, client.updated)


def managers_first(company: Company) -> list[Person]:
    """The company's people, each after his manager, whose SCIM id he needs."""
    by_id = {person.id: person for person in company.people}

    def depth(person: Person) -> int:
        return 1 + depth(by_id[person.manager]) if person.manager else 0

    return sorted(company.people, key=depth)


def group_id(company: Company, name: str) -> str:
    """The provider's own id of a group."""
    return f"grp-{company.key}-{name.lower().replace(' ', '-')}"


def user_body(person: Person, ids: dict[str, str]) -> dict[str, Any]:
    """The SCIM form of a person (RFC 7643); `ids` holds the manager's SCIM id."""
    enterprise: dict[str, Any] = {"department": person.department}
    if person.manager:
        enterprise["manager"] = {"value": ids[person.manager]}
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": person.id,
        "userName": person.username,
        "displayName": person.name,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "title": person.job,
        "timezone": person.time_zone,
        "active": True,
        "emails": [{"value": person.username, "type": "work", "primary": True}],
        ENTERPRISE: enterprise,
    }
