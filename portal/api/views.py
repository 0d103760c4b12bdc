"""What each operation does: parse, ask the gateway or a service, answer."""

import json
import uuid
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.manifest import PageKind
from identity.errors import BadInput, TooLarge
from identity.models import AccessToken, User
from identity.roles import roles_of
from identity.services import revoke_token
from identity.tenancy import uuid7
from portal.api import decisions, rules
from runtime import gateway, selectors, services
from runtime.forms import ExportForm
from runtime.live import live_app
from runtime.pages import place_of
from runtime.pages.list import query_of, text_of
from runtime.permissions import granted
from runtime.queueing import queue

MOST_BODY_BYTES = 64 * 1024


def me(request: HttpRequest) -> dict[str, Any]:
    """Whose token it is, and what it may do."""
    token, user = _token(request), _user(request)
    return {
        "id": str(user.pk),
        "name": user.display_name,
        "username": user.username,
        "tenant": user.tenant.slug,
        "roles": sorted(role.value for role in roles_of(user)),
        "token": {
            "name": token.name,
            "kind": token.kind,
            "scopes": token.scopes,
            "expires_at": token.expires_at.isoformat(),
        },
    }


def revoke(request: HttpRequest) -> dict[str, Any]:
    """Revoke the token that the call is made with."""
    token = _token(request)
    revoke_token(by=token.owner, token_id=token.pk)
    return {"revoked": True}


def apps(request: HttpRequest) -> dict[str, Any]:
    """The live apps that the token's owner may use."""
    found = selectors.usable_apps(_user(request), text_of(request.GET))
    return {
        "apps": [
            {"slug": app.slug, "title": app.title, "unit": app.unit, "owner": app.owner.display_name}
            for app in found
        ]
    }


def records(request: HttpRequest, slug: str, dataset: str) -> dict[str, Any]:
    """A page of records, decided, masked and recorded as the app's own list page.

    Sensitive texts do not belong into addresses: `q` searches only where no field is protected.
    """
    place = place_of(live_app(slug), dataset, PageKind.LIST)
    text = text_of(request.GET)
    if text and any(item.protected for item in place.fields):
        raise BadInput(_("These records hold protected fields: they cannot be searched by an address."))
    found = gateway.list_records(
        by=_user(request),
        live=place.live,
        dataset=place.dataset,
        fields=place.fields,
        query=query_of(request.GET, text),
    )
    return {
        "count": found.count,
        "count_is_capped": found.capped,
        "page": found.page,
        "pages": max(1, -(-found.count // gateway.PAGE_SIZE)),
        "records": [
            {
                "id": str(line.id),
                "created_at": line.created_at.isoformat(),
                "values": {cell.field.name: cell.text for cell in line.cells},
                "masked": [cell.field.name for cell in line.cells if cell.masked],
            }
            for line in found.lines
        ],
    }


def request_export(request: HttpRequest, slug: str, dataset: str) -> dict[str, Any]:
    """Ask for a copy of a dataset; it is decided, approved and written as one that is asked for on a page."""
    user, live = _user(request), live_app(slug)
    place = place_of(live, dataset, PageKind.LIST)
    key = uuid7()
    regions = [(code, region.label) for code, region in live.design.regions.items()]
    offer_raw = "value.reveal" in granted(user, live)
    form = ExportForm({**_body(request), "key": str(key)}, regions=regions, offer_raw=offer_raw)
    if not form.is_valid():
        name, texts = next(iter(form.errors.items()))
        raise BadInput(f"{name}: {texts[0]}", code="bad_input")
    made = services.request_export(
        by=user,
        live=live,
        dataset=place.dataset,
        key=key,
        queue=queue,
        **form.values(),
    )
    return {"id": str(made.pk), "state": made.state, "page": made.get_absolute_url()}


def decide(request: HttpRequest) -> dict[str, Any]:
    """The policy's decision on one question."""
    return decisions.decide_one(request, _user(request), _body(request))


def decide_all(request: HttpRequest) -> dict[str, Any]:
    """The policy's decisions on up to a hundred questions."""
    return decisions.decide_all(request, _user(request), _body(request))


def propose_rules(request: HttpRequest) -> dict[str, Any]:
    """Propose rules; their checks come next."""
    return rules.propose(_user(request), _body(request, most=rules.MOST_BODY_BYTES))


def rules_version(request: HttpRequest, version_id: uuid.UUID) -> dict[str, Any]:
    """How proposed rules stand."""
    return rules.version(_user(request), version_id)


def _body(request: HttpRequest, *, most: int = MOST_BODY_BYTES) -> dict[str, Any]:
    if len(request.body) > most:
        raise TooLarge(_("The body is too large."), code="too_large")
    if request.content_type != "application/json":
        raise BadInput(_("Send a small JSON object."))
    try:
        content = json.loads(request.body)
    except ValueError as error:
        raise BadInput(_("Send a small JSON object.")) from error
    if not isinstance(content, dict) or "\\u0000" in json.dumps(content):
        raise BadInput(_("Send a small JSON object."))
    return content


def _token(request: HttpRequest) -> AccessToken:
    token: AccessToken = request.token  # type: ignore[attr-defined]
    return token


def _user(request: HttpRequest) -> User:
    return _token(request).owner
