"""Exceptions for transfers: to one law, with a key of one's own, asked from the refusal (P1, P6, S4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import App
from identity.errors import BadInput
from identity.tenancy import tenant_scope, uuid7
from policy import pdp, services
from policy.decision import Decision
from policy.inputs import Action, Resource
from policy.models import PolicyException
from policy.selectors import Kept, kept_decision
from policy.services import Wish
from tests import live_apps
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.exceptions import decide
from tests.integration.policy.test_connector_rules import CRM
from tests.policy_facts import EMAIL, US, in_tenant

RULE = "connector.cross_border"


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return live_apps.make_app(committed_cast.lena)


def submitting(cast: Cast, app: App, *, byok: bool = True) -> Decision:
    """Lena submits an app that sends e-mail addresses to a CRM in the United States."""
    known = in_tenant(cast.tenant.pk, cast.lena.pk, EMAIL)
    resource: Resource = known["resource"]
    assert resource.app is not None
    abroad = replace(resource.app, id=str(app.pk), connectors=(replace(CRM, region=US),), byok=byok)
    with at_edge(cast.lena), tenant_scope(cast.tenant.pk):
        return pdp.decide(known["subject"], Action.APP_SUBMIT, replace(resource, app=abroad))


def refusal(cast: Cast, app: App) -> Kept:
    decision = submitting(cast, app)
    assert not decision.allowed
    with tenant_scope(cast.tenant.pk):
        kept = kept_decision(decision.id)
    assert kept is not None
    return kept


def ask(cast: Cast, app: App, law: str) -> PolicyException:
    until = timezone.now() + timedelta(days=30)
    texts = {"reason": "The CRM of the group sits in Boston", "control": "Contract clauses are signed"}
    wish = Wish(rule=RULE, app_title=app.title, jurisdiction=law, until=until, **texts)
    with tenant_scope(cast.tenant.pk):
        return services.ask_exception(by=cast.lena, key=uuid7(), refusal=refusal(cast, app), wish=wish)


def test_to_the_law_that_it_names_and_with_an_own_key(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = decide(ask(cast, app, "us"), cast.omar, cast.sana)
    allowed = submitting(cast, app)
    assert allowed.allowed
    assert allowed.exceptions_used == (str(row.pk),)
    assert not submitting(cast, app, byok=False).allowed, "the exception stands for one of the two alone"


@pytest.mark.parametrize("law", ["", "sg"])
def test_only_to_a_law_that_was_refused(committed_cast: Cast, app: App, law: str) -> None:
    with pytest.raises(BadInput):
        ask(committed_cast, app, law)


def test_a_missing_key_is_not_asked_away(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    decide(ask(cast, app, "us"), cast.omar, cast.sana)
    decision = submitting(cast, app, byok=False)
    assert [(reason.code, reason.case) for reason in decision.denials] == [(RULE, "own_key")]
