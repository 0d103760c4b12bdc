"""The end of a test sign-in: what the provider said, for the admin who began it. No session comes of it."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from identity.answers import Answer, SignInRefused
from identity.models import IdentityProvider, Role, User
from identity.roles import roles_of
from identity.services import note_provider_test

# What serves the protocol and says nothing of the person.
_MACHINERY = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "iat", "nbf", "exp", "uti", "rh", "jti"})
_LONGEST = 300


def show(request: HttpRequest, answer: Answer) -> HttpResponse:
    """The claims, and whom a real sign-in would open a session for.

    Raises:
        SignInRefused: whoever comes back is not signed in as an admin of the provider's tenant.
    """
    user = request.user
    provider = answer.provider
    if not isinstance(user, User) or user.tenant_id != provider.tenant or Role.ADMIN not in roles_of(user):
        raise SignInRefused("state", detail="test")
    found = provider.accounts(answer.subject)
    person = found[0] if len(found) == 1 and found[0].is_active else None
    passed = person is not None and Role.ADMIN in roles_of(person)
    row = IdentityProvider.objects.get(slug=provider.slug)
    note_provider_test(by=user, provider=row, passed=passed)
    claims = [(name, _shown(answer.content[name])) for name in sorted(answer.content.keys() - _MACHINERY)]
    context = {
        "row": row,
        "claims": claims,
        "subject": answer.subject,
        "match": row.get_match_display(),
        "found": person,
        "known": len(found),
        "passed": passed,
    }
    response = render(request, "identity/provider_test.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
