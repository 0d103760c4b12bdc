"""SAML 2.0 as one of the sign-in protocols (identity/protocols.py)."""

import json
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from onelogin.saml2.authn_request import OneLogin_Saml2_Authn_Request

from identity.answers import Answer, SignInRefused, StepUp
from identity.id_token import Claims
from identity.models import SamlRequest
from identity.providers import Provider
from identity.saml import logout, pending
from identity.saml.response import NameID, Statement
from identity.saml.toolkit import described, pairs_of, settings_of, signed_url


def begin(
    request: HttpRequest,  # noqa: ARG001 - the protocol's form
    provider: Provider,
    *,
    next_url: str,
    step_up: StepUp | None = None,
    login_hint: str = "",  # noqa: ARG001 - SAML has no place for it
    is_test: bool = False,
) -> HttpResponse:
    """Send the browser to the provider with a signed AuthnRequest. No RelayState goes with it, and none
    that comes back counts.

    Raises:
        ProviderDown: the metadata or the portal's key cannot be used.
    """
    contexts = step_up.acr_values if step_up else ()
    settings = settings_of(provider, pairs_of(provider)[0], contexts=contexts)
    made = OneLogin_Saml2_Authn_Request(
        settings, force_authn=step_up is not None or is_test, set_nameid_policy=False
    )
    row, cookie = pending.send(provider, made.get_id(), next_url=next_url, step_up=step_up, is_test=is_test)
    url = signed_url(described(provider).sso_url, settings, "SAMLRequest", made.get_request())
    response = HttpResponseRedirect(url)
    pending.set_cookie(response, row, cookie)
    return response


def origins(provider: Provider) -> list[str]:
    """Where browsers are sent for sign-in and logout."""
    return described(provider).origins


def leave(provider: Provider, hint: str) -> str:
    """Where single logout goes; `hint` is what `answer_of` gave the session. Empty where the provider has
    none."""
    if not hint or not described(provider).slo_url:
        return ""
    kept = json.loads(hint)
    return logout.request_url(provider, NameID(**kept["name_id"]), kept["session_index"])


def packed(statement: Statement) -> dict[str, Any]:
    """As it is kept between the provider's POST and our page."""
    return asdict(statement)


def answer_of(provider: Provider, row: SamlRequest, kept: dict[str, Any]) -> Answer:
    """The answer to the sign-in `row`, in the terms that all protocols share.

    Raises:
        SignInRefused: the attribute that names the person is not there, or more than once.
    """
    name = NameID(**kept["name_id"])
    claims = Claims(
        issuer=provider.issuer,
        sub=name.value,
        sid=kept["session_index"],
        acr=kept["context"],
        amr=(),
        auth_time=kept["authenticated_at"],
    )
    attributes: dict[str, list[str]] = kept["attributes"]
    hint = json.dumps({"name_id": kept["name_id"], "session_index": kept["session_index"]})
    return Answer(
        provider=provider,
        claims=claims,
        subject=_subject(provider, name, attributes),
        next=row.next,
        step_up=StepUp(tuple(row.acr_values), row.max_age) if row.max_age is not None else None,
        raw_id_token=hint,
        is_test=row.is_test,
        content={
            "NameID": name.value,
            "NameID Format": name.format,
            "SessionIndex": claims.sid,
            "AuthnContextClassRef": claims.acr,
            **{key: values[0] if len(values) == 1 else values for key, values in attributes.items()},
        },
    )


def _subject(provider: Provider, name: NameID, attributes: dict[str, list[str]]) -> str:
    if not provider.subject:
        return name.value
    values = attributes.get(provider.subject, [])
    if len(values) != 1 or not 0 < len(values[0]) <= 255:
        raise SignInRefused("token", detail="subject")
    return values[0]
