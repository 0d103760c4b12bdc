"""Facts become one canonical document."""

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import pytest

from policy.engines.base import EngineFault, Fault, check_numbers
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine
from policy.inputs import (
    Action,
    CallFacts,
    ClockFacts,
    Context,
    OperationFacts,
    Resource,
    Subject,
    to_document,
)
from policy.rulebook import shipped
from policy.store import canonical
from tests.policy_facts import APP, COMPANY, EMAIL, EU, LENA, TENANT, app, of, subject


def test_the_document_says_only_what_is_so() -> None:
    document = to_document(subject(roles=frozenset()), Action.RECORD_LIST, of(app(COMPANY)), Context())
    assert document["action"] == "record.list"
    assert document["subject"] == {"id": LENA, "tenant": TENANT, "groups": ["Marketing"], "active": True}
    assert document["context"] == {"requester": LENA}
    assert document["resource"]["app"]["datasets"][0]["fields"] == [
        {
            "id": "f_company",
            "classification": "internal",
            "level": 1,
            "residency": {"region": "eu", "jurisdiction": "eu", "provider": "own"},
            "suggested_level": 0,
        }
    ]


def test_numbers_are_said_even_when_zero() -> None:
    assert replace(COMPANY, level=0, retention_days=0).to_document()["level"] == 0
    assert replace(COMPANY, retention_days=0).to_document()["retention_days"] == 0


def test_a_call_says_what_is_known_and_no_more() -> None:
    call = CallFacts(connector="crm", operation="lead.create", access="write")
    resource = Resource(tenant=TENANT, call=call)
    context = Context(calls_last_hour=0, clock=ClockFacts(day="mon", minute=0))
    document = to_document(subject(), Action.CONNECTOR_CALL, resource, context)
    assert document["resource"]["call"] == {"connector": "crm", "operation": "lead.create", "access": "write"}
    assert document["context"] == {
        "requester": LENA,
        "clock": {"day": "mon", "minute": 0},
        "calls_last_hour": 0,
    }
    limits = OperationFacts(name="vm.stop", per_hour=0, days=frozenset({"tue", "mon"}), ticket=True)
    assert limits.to_document() == {"name": "vm.stop", "per_hour": 0, "days": ["mon", "tue"], "ticket": True}


def test_no_field_is_not_every_field() -> None:
    assert Resource(tenant=TENANT, fields=frozenset()).to_document()["fields"] == []
    assert "fields" not in Resource(tenant=TENANT).to_document()


def test_equal_facts_make_equal_text_whatever_their_order() -> None:
    one = subject(groups=frozenset(["b", "a", "c"]))
    other = subject(groups=frozenset(["c", "b", "a"]))
    texts = {canonical(to_document(who, "record.list", of(app(EMAIL)), Context())) for who in (one, other)}
    assert len(texts) == 1


def test_canonical_text_is_rfc_8785() -> None:
    import rfc8785  # the reference that the fast form is held against

    document = to_document(
        subject(groups=frozenset(['a"b\\c', "é\u2028\x7f", "\x00\n"])),
        "app.submit",
        of(app(COMPANY, EMAIL)),
        Context(target=EU),
    )
    assert canonical(document).encode() == rfc8785.dumps(document)


def test_facts_are_frozen_and_named() -> None:
    with pytest.raises(FrozenInstanceError):
        subject().active = False  # type: ignore[misc]
    with pytest.raises(TypeError):
        Subject("id", "tenant")  # type: ignore[misc]
    assert app().id == APP


def test_facts_and_engines_know_no_django() -> None:
    code = (
        "import sys, policy.inputs, policy.credentials, policy.outcome, policy.rulebook, policy.reference\n"
        "import policy.engines.embedded, policy.engines.opa\n"
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_documents_are_json() -> None:
    document = to_document(subject(), "app.submit", of(app(EMAIL)), Context())
    assert json.loads(canonical(document)) == document


@pytest.mark.parametrize("value", [None, True, "3", 3.0, [3]])
def test_a_number_that_is_none_is_no_input(value: object) -> None:
    document = to_document(subject(), "record.list", of(app(EMAIL)), Context())
    check_numbers(document)
    document["resource"]["app"]["datasets"][0]["fields"][0]["level"] = value
    with pytest.raises(TypeError, match="level"):
        check_numbers(document)
    for engine in (EmbeddedEngine(shipped()), OpaEngine("unix:///nowhere", "")):
        with pytest.raises(EngineFault) as fault:
            engine.evaluate(document)
        assert fault.value.fault is Fault.INPUT
