"""The decision point over HTTP: for oneself, for users of one's own apps, one by one and many (P2)."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from identity.tenancy import tenant_scope
from policy.models import StoredDecision
from tests import live_apps
from tests.cast import Cast
from tests.scene import sign_in
from tests.tokens import caller, make_token

ONE, MANY = "/api/v1/decisions", "/api/v1/decisions/batch"


def session(**changes: Any) -> dict[str, Any]:
    """Of somebody who signed in just now; a whole run of the tests takes longer than that holds."""
    told = {"acr": "urn:microapps:acr:mfa", "amr": ["pwd", "otp"], "auth_time": int(time.time())}
    return {**told, **changes}


@pytest.fixture
def leads(committed_cast: Cast) -> Cast:
    cache.clear()
    live_apps.make_app(committed_cast.lena)
    return committed_cast


def client_of(person: Any, *scopes: str) -> Client:
    _row, token = make_token(person, *(scopes or ("decisions:create",)))
    return caller(token)


def question(**changes: Any) -> dict[str, Any]:
    usual = {"subject": "me", "action": "record.list", "app": "leads", "dataset": "leads"}
    return {**usual, **changes}


def post(client: Client, path: str = ONE, /, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def test_one_may_ask_for_oneself(leads: Cast) -> None:
    told = post(client_of(leads.mia), **question()).json()
    assert told["allowed"] is True
    assert told["obligations"]["mask"][live_apps.EMAIL] == "partial"
    assert told["obligations"]["record_read"] is True
    assert told["engine"] in {"embedded", "opa"}
    page = Client()
    sign_in(page, leads.mia)
    assert page.get(told["page"]).status_code == 200, "what is kept is explained"


def test_a_refusal_is_kept_and_says_what_would_help(leads: Cast) -> None:
    told = post(client_of(leads.theo), **question()).json()
    assert told["allowed"] is False
    denials = [reason for reason in told["reasons"] if reason["kind"] == "deny"]
    assert [(reason["code"], bool(reason["remedy"])) for reason in denials] == [("access.app_role", True)]
    with tenant_scope(leads.tenant.pk):
        assert StoredDecision.objects.filter(pk=told["id"], subject=leads.theo.pk).exists()


def test_a_preview_is_not_kept(leads: Cast) -> None:
    told = post(client_of(leads.theo), **question(preview=True)).json()
    assert (told["allowed"], told["page"]) == (False, None)
    with tenant_scope(leads.tenant.pk):
        assert not StoredDecision.objects.filter(pk=told["id"]).exists()


def test_owners_and_admins_ask_about_others(leads: Cast) -> None:
    mias = question(subject=leads.mia.username)
    for person in (leads.lena, leads.ada):
        assert post(client_of(person), **mias).json()["allowed"] is True
    refused = post(client_of(leads.omar), **mias)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:microapps:error:subject")


def test_the_other_tenant_does_not_exist(leads: Cast) -> None:
    answer = post(client_of(leads.nils), **question())
    assert answer.status_code == 404
    answer = post(client_of(leads.lena), **question(subject=leads.nils.username))
    assert answer.status_code == 404


def test_access_rules_look_at_the_session_that_the_caller_tells_of(leads: Cast, settings: Any) -> None:
    contexts = settings.OIDC["step_up_acr"].split()
    reveal = question(subject=leads.omar.username, action="value.reveal", fields=["secret"])
    lena = client_of(leads.lena)
    without = post(lena, **reveal).json()
    weak = post(lena, **reveal, session={"acr": "", "amr": ["pwd"], "auth_time": int(time.time())}).json()
    fresh = post(lena, **reveal, session=session(acr=contexts[0])).json()
    stale = post(lena, **reveal, session=session(acr=contexts[0], auth_time=1)).json()
    proved = [
        told["allowed"] and not told["obligations"]["step_up"] for told in (without, weak, fresh, stale)
    ]
    assert proved == [False, False, True, False]


def test_many_at_once_each_with_its_answer(leads: Cast) -> None:
    asked = [question(), question(action="record.fly"), question(app="nowhere"), question(fields=["company"])]
    told = post(client_of(leads.mia), MANY, decisions=asked).json()["decisions"]
    assert [one.get("allowed") for one in told] == [True, None, None, True]
    assert [one["error"]["status"] for one in told if "error" in one] == [400, 404]
    assert told[1]["error"]["code"] == "action"


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "admin.override"},
        {"action": "app.go_live"},
        {"action": 7},
        {"subject": ["me"]},
        {"subject": "x" * 400},
        {"dataset": None},
        {"fields": ["no_such"]},
        {"fields": "company"},
        {"target": "atlantis"},
        {"session": "fresh"},
        {"session": {"auth_time": "now"}},
        {"session": {"device_compliant": "yes"}},
        {"session": {"amr": [1]}},
    ],
)
def test_bad_questions_are_told_what_is_wrong(leads: Cast, changes: dict[str, Any]) -> None:
    answer = post(client_of(leads.mia), **question(**changes))
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("asked", [None, [], "x", [1], [{}] * 101])
def test_a_batch_is_one_to_a_hundred_questions(leads: Cast, asked: Any) -> None:
    assert post(client_of(leads.mia), MANY, decisions=asked).status_code == 400


def test_the_scope_is_needed(leads: Cast) -> None:
    answer = post(client_of(leads.mia, "apps:read", "records:read"), **question())
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]


def test_roles_and_tags_are_the_portals_own(leads: Cast) -> None:
    liar = question(roles=["admin"], groups=["Marketing"], resource={"app": {"state": "live"}})
    assert post(client_of(leads.theo), **liar).json()["allowed"] is False
