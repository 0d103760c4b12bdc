"""A tenant's thresholds and classes decide: in both engines, from the next question on, without a query."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import App
from datacatalog.masking import DOTS
from identity.errors import BadInput
from identity.models import User
from identity.tenancy import tenant_scope
from policy import pdp
from policy.decision import Decision
from policy.inputs import Action, CallFacts, ConnectorFacts, Context, OperationFacts, ThresholdFacts
from policy.levels import thresholds_for
from policy.models import StoredInput
from policy.outcome import MaskMethod, Tier
from policy.rulebook import shipped
from policy.thresholds import DEFAULTS, LEVELS
from runtime import gateway
from runtime.live import live_app
from tests import live_apps
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.data_changes import change, propose
from tests.exceptions import asked
from tests.live_apps import BUDGET, EMAIL, SECRET
from tests.opa_server import OpaServer
from tests.policy_facts import COMPANY, EU, HEALTH, app, in_tenant, of

CONFIDENTIAL = replace(COMPANY, id="f_plan", classification="confidential", level=2, retention_days=30)


@pytest.fixture(params=["embedded", pytest.param("opa", marks=pytest.mark.needs_opa)])
def engine(request: pytest.FixtureRequest, settings: Any) -> str:
    """Each engine in turn."""
    if request.param == "opa":
        server: OpaServer = request.getfixturevalue("opa_server")
        settings.OPA_URL = server.url
    assert pdp.engine().name.startswith(request.param)
    return str(request.param)


def listing(cast: Cast, *fields: Any, context: Context | None = None) -> Decision:
    known = in_tenant(cast.tenant.pk, cast.lena.pk, *fields, dataset="leads")
    return pdp.decide(known["subject"], Action.RECORD_LIST, known["resource"], context)


def submitting(cast: Cast, *fields: Any, who: User | None = None) -> Decision:
    tenant, owner = (who.tenant_id, who.pk) if who else (cast.tenant.pk, cast.lena.pk)
    known = in_tenant(tenant, owner, *fields)
    return pdp.decide(known["subject"], Action.APP_SUBMIT, known["resource"])


def test_a_threshold_decides_what_is_masked_and_who_approves(committed_cast: Cast, engine: str) -> None:
    cast = committed_cast
    assert listing(cast, CONFIDENTIAL).obligations.mask == {}
    assert submitting(cast, CONFIDENTIAL).tier == Tier.NONE
    change(cast.ada, cast.sana, "thresholds", protected_level=2)
    assert listing(cast, CONFIDENTIAL).obligations.mask == {"f_plan": MaskMethod.PARTIAL}
    assert submitting(cast, CONFIDENTIAL).tier == Tier.MANAGER
    change(cast.ada, cast.sana, "thresholds", high_level=2)
    assert submitting(cast, CONFIDENTIAL).tier == Tier.MANAGER_THEN_SECURITY
    change(cast.ada, cast.sana, "thresholds", credential_level=2)
    assert listing(cast, CONFIDENTIAL).obligations.mask == {"f_plan": MaskMethod.HIDE}
    assert listing(cast, CONFIDENTIAL).never_shown == {"f_plan"}


def test_a_proposal_alone_decides_nothing(committed_cast: Cast, engine: str) -> None:
    propose(committed_cast.ada, "thresholds", protected_level=2)
    assert listing(committed_cast, CONFIDENTIAL).obligations.mask == {}


def test_another_tenants_questions_are_decided_as_before(committed_cast: Cast, engine: str) -> None:
    cast = committed_cast
    change(cast.ada, cast.sana, "thresholds", protected_level=2)
    assert submitting(cast, CONFIDENTIAL).tier == Tier.MANAGER
    assert submitting(cast, CONFIDENTIAL, who=cast.nils).tier == Tier.NONE


def test_only_what_differs_is_in_the_facts_and_they_are_kept_with_the_decision(committed_cast: Cast) -> None:
    cast = committed_cast
    assert "thresholds" not in submitting(cast, HEALTH).document["context"]
    change(cast.ada, cast.sana, "thresholds", protected_level=2, longest_exception_days=30)
    decision = submitting(cast, HEALTH)
    assert decision.document["context"]["thresholds"] == {"protected_level": 2}
    with tenant_scope(cast.tenant.pk):
        kept = json.loads(StoredInput.objects.get(digest=decision.input_digest).document)
    assert kept["context"]["thresholds"] == {"protected_level": 2}
    change(cast.ada, cast.sana, "thresholds", protected_level=3)
    assert "thresholds" not in submitting(cast, HEALTH).document["context"]


def test_the_rules_take_by_themselves_what_holds_without_a_change() -> None:
    text = dict(shipped().modules)["facts.rego"]
    assert [f"default {name} := {getattr(DEFAULTS, name)}\n" in text for name in LEVELS] == [True] * 3


def test_facts_that_name_thresholds_are_a_what_if(committed_cast: Cast) -> None:
    asked_for = Context(thresholds=ThresholdFacts(protected_level=1))
    answer = listing(committed_cast, COMPANY, context=asked_for)
    assert answer.obligations.mask == {"f_company": MaskMethod.PARTIAL}


def test_a_decision_costs_no_query_for_them(committed_cast: Cast) -> None:
    cast = committed_cast
    change(cast.ada, cast.sana, "thresholds", protected_level=2)
    with at_edge(cast.lena):
        listing(cast, CONFIDENTIAL)
        with CaptureQueriesContext(connection) as queries:
            answer = listing(cast, CONFIDENTIAL)
    assert answer.obligations.mask == {"f_plan": MaskMethod.PARTIAL}
    assert not [
        one["sql"] for one in queries if "thresholdset" in one["sql"] or "access_revision" in one["sql"]
    ]


# -- what is set aside the rules -----------------------------------------------------------------------------


@pytest.fixture
def leads(committed_cast: Cast) -> App:
    return live_apps.make_app(committed_cast.lena)


def cells(by: User, leads_app: App) -> dict[str, gateway.Cell]:
    with at_edge(by), tenant_scope(leads_app.tenant_id):
        live = live_app(leads_app.slug)
        data = live.dataset("leads")
        [line] = gateway.list_records(by=by, live=live, dataset=data, fields=data.fields).lines
    return {cell.field.id: cell for cell in line.cells}


def test_a_running_app_masks_by_the_changed_class_at_once(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    live_apps.add(leads, cast.mia)
    assert cells(cast.mia, leads)[EMAIL].text == "c•••@•••.org"
    assert not cells(cast.mia, leads)[BUDGET].masked
    change(cast.ada, cast.sana, "classification", "pii", level=5)
    assert cells(cast.mia, leads)[EMAIL].text == DOTS
    change(cast.ada, cast.sana, "classification", "internal", level=3)
    assert cells(cast.mia, leads)[BUDGET].masked


def test_what_was_stored_encrypted_stays_so_and_is_read(committed_cast: Cast, leads: App) -> None:
    """Encryption was fixed at go-live; a class that is no longer protected opens what it had sealed."""
    cast = committed_cast
    live_apps.add(leads, cast.mia)
    change(cast.ada, cast.sana, "classification", "pii", level=1, personal=False, protected=False, mask="")
    cell = cells(cast.mia, leads)[EMAIL]
    assert (cell.masked, cell.text) == (False, "canary.mail@example.org")
    assert cell.field.sealed
    live_apps.add(leads, cast.mia, **{EMAIL: "second@example.org"})
    with connection.cursor() as cursor, tenant_scope(leads.tenant_id):
        table = live_app(leads.slug).dataset("leads").spec.table
        cursor.execute(f'SELECT {EMAIL} FROM apps."{table}"')
        assert not any(b"example.org" in bytes(row[0]) for row in cursor.fetchall())


def test_nothing_is_offered_of_what_is_never_shown_again(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    item = live_item(leads, SECRET)
    assert gateway.shown_again(cast.omar, item)
    change(cast.ada, cast.sana, "thresholds", credential_level=4)
    assert not gateway.shown_again(cast.omar, item)
    assert gateway.shown_again(cast.omar, live_item(leads, EMAIL))


def live_item(leads_app: App, field: str) -> Any:
    with tenant_scope(leads_app.tenant_id):
        return live_app(leads_app.slug).dataset("leads").by_id[field]


def test_the_longest_exception(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    change(cast.ada, cast.sana, "thresholds", longest_exception_days=14)
    with pytest.raises(BadInput, match="next 14 days"):
        asked(leads, cast.mia)  # a month
    change(cast.ada, cast.sana, "thresholds", longest_exception_days=31)
    asked(leads, cast.mia)


def test_how_fresh_a_sensitive_operations_sign_in_is(committed_cast: Cast) -> None:
    cast = committed_cast
    vm = OperationFacts(name="vm.stop", access="write", step_up=True)
    crm = ConnectorFacts(id="cloud", operations=frozenset({"vm.stop"}), region=EU, details=(vm,))
    facts = app(COMPANY, connectors=(crm,), tenant=str(cast.tenant.pk))
    call = CallFacts(connector="cloud", operation="vm.stop", access="write")
    who = in_tenant(cast.tenant.pk, cast.lena.pk, COMPANY)["subject"]
    resource = of(facts, call=call)

    def minutes() -> int:
        [rule] = pdp.decide(who, Action.CONNECTOR_CALL, resource).document["context"]["access_rules"]
        return int(rule["max_age_minutes"])

    assert minutes() == 15
    change(cast.ada, cast.sana, "thresholds", sensitive_minutes=5)
    assert minutes() == 5


def test_the_smallest_group_on_a_dashboard(committed_cast: Cast, leads: App) -> None:
    cast = committed_cast
    for _n in range(3):
        live_apps.add(leads, cast.mia)

    def drawn() -> Any:
        with at_edge(cast.mia), tenant_scope(leads.tenant_id):
            live = live_app(leads.slug)
            data = live.dataset("leads")
            wanted = [(data.by_id[live_apps.SOURCE], "count")]
            [chart] = gateway.dashboard(by=cast.mia, live=live, dataset=data, wanted=wanted)
        return chart

    before = drawn()
    change(cast.ada, cast.sana, "thresholds", smallest_group=3)
    assert thresholds_for(cast.mia).smallest_group == 3
    assert drawn() != before
