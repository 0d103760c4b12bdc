"""Decisions are kept, survive a roll-back, refer to their event, and fail closed."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from identity.tenancy import tenant_scope
from ledger.models import StoredEvent
from policy import pdp, store
from policy.decision import Decision
from policy.errors import Refused
from policy.inputs import Context
from policy.models import DecisionCount, StoredDecision, StoredInput
from policy.outcome import MaskMethod
from policy.rulebook import shipped
from tests.cast import Cast
from tests.policy_facts import COMPANY, EMAIL, in_tenant


def decide(cast: Cast, action: str, *fields: Any, context: Context | None = None, **options: Any) -> Decision:
    """Lena asks about her app."""
    known = in_tenant(cast.tenant.pk, cast.lena.pk, *fields, **options.pop("of", {}))
    return pdp.decide(known["subject"], action, known["resource"], context, **options)


def kept(cast: Cast) -> list[uuid.UUID]:
    """Ids of the stored decisions."""
    with tenant_scope(cast.tenant.pk):
        return list(StoredDecision.objects.values_list("id", flat=True))


def test_a_denial_outside_a_transaction_is_committed_before_it_is_raised(committed_cast: Cast) -> None:
    decision = decide(committed_cast, "record.fly")
    with pytest.raises(Refused) as refusal:
        decision.raise_if_denied()
    assert refusal.value.status == 403
    assert kept(committed_cast) == [decision.id]


def test_a_denial_survives_the_roll_back_and_is_written_once(committed_cast: Cast) -> None:
    with (
        pytest.raises(Refused) as refusal,
        pdp.denials_survive(),
        tenant_scope(committed_cast.tenant.pk),
    ):
        decide(committed_cast, "record.fly").raise_if_denied()
    assert kept(committed_cast) == [refusal.value.decision.id]


def test_a_denial_that_is_committed_is_not_written_again(committed_cast: Cast) -> None:
    with pdp.denials_survive(), tenant_scope(committed_cast.tenant.pk):
        decision = decide(committed_cast, "record.fly")
    assert kept(committed_cast) == [decision.id]


def test_what_was_allowed_goes_down_with_its_transaction(committed_cast: Cast) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        assert decide(committed_cast, "record.create", of={"dataset": "leads"}).allowed
        assert StoredDecision.objects.exists()
        transaction.set_rollback(True)
    assert kept(committed_cast) == []


def test_decision_and_event_refer_to_each_other(committed_cast: Cast) -> None:
    decision = decide(committed_cast, "record.list", EMAIL, COMPANY, of={"dataset": "leads"})
    with tenant_scope(committed_cast.tenant.pk):
        row = StoredDecision.objects.get()
        facts = StoredInput.objects.get()
    assert (row.id, row.revision, row.engine) == (decision.id, shipped().revision, "embedded")
    assert (row.input_digest, facts.digest) == (decision.input_digest, decision.input_digest)
    event = event_of(committed_cast, row)
    assert f'"decision":"{decision.id}"' in event
    assert '"tags":["internal","pii"]' in event
    assert str(committed_cast.lena.pk) in event


def event_of(cast: Cast, row: StoredDecision) -> str:
    """The body of the decision's event, once the sequencer has indexed it."""
    from ledger import sequencer  # the log's own process does this in production

    sequencer.run_once()
    with tenant_scope(cast.tenant.pk):
        return StoredEvent.objects.get(id=row.event).body


@pytest.mark.parametrize(
    ("action", "fields", "stored"),
    [
        ("record.list", [COMPANY], False),
        ("record.list", [EMAIL], True),
        ("record.create", [COMPANY], True),
        ("value.reveal", [EMAIL], True),  # denied: no role of hers may
    ],
)
def test_writes_denials_and_sensitive_reads_are_kept_and_the_rest_counted(
    committed_cast: Cast, action: str, fields: list[Any], stored: bool
) -> None:
    store.drain()
    decide(committed_cast, action, *fields, of={"dataset": "leads"})
    assert bool(kept(committed_cast)) is stored
    assert store.drain() == (0 if stored else 1)
    with tenant_scope(committed_cast.tenant.pk):
        assert list(DecisionCount.objects.values_list("action", "allowed", "preview", "count")) == (
            [] if stored else [(action, True, False, 1)]
        )


def test_counts_add_up_over_several_drains(committed_cast: Cast) -> None:
    store.drain()
    for _ in range(2):
        for _ in range(3):
            decide(committed_cast, "app.submit", COMPANY, preview=True)
        assert store.drain() == 3
    with tenant_scope(committed_cast.tenant.pk):
        assert DecisionCount.objects.get().count == 6
    with tenant_scope(committed_cast.other.pk):
        assert not DecisionCount.objects.exists()


def test_a_preview_leaves_no_trace_even_when_denied(committed_cast: Cast) -> None:
    decision = decide(committed_cast, "app.submit", EMAIL.__class__(id="f_new"), preview=True)
    assert [(reason.code, reason.case) for reason in decision.denials] == [
        ("catalog.untagged_field", "classification"),
        ("catalog.untagged_field", "residency"),
    ]
    assert decision.denials[0].text == "1 field without a classification"
    assert decision.denials[0].remedy.startswith("Choose a classification")
    assert kept(committed_cast) == []


def test_obligations_come_with_the_allowed_decision(committed_cast: Cast) -> None:
    decision = decide(committed_cast, "record.list", EMAIL, COMPANY, of={"dataset": "leads"})
    assert decision.allowed
    assert decision.obligations.mask == {"f_email": MaskMethod.PARTIAL}
    assert decision.obligations.record_read


def test_a_decision_is_no_bool(committed_cast: Cast) -> None:
    with pytest.raises(TypeError, match="allowed"):
        bool(decide(committed_cast, "record.fly"))


def test_stored_decisions_cannot_be_changed(committed_cast: Cast) -> None:
    decide(committed_cast, "record.fly")
    for statement in (
        StoredDecision.objects.all().delete,
        lambda: StoredDecision.objects.update(allowed=True),
    ):
        with pytest.raises(DatabaseError, match="permission denied"), tenant_scope(committed_cast.tenant.pk):
            statement()


def test_another_tenant_sees_none_of_it(committed_cast: Cast) -> None:
    decide(committed_cast, "record.fly")
    with tenant_scope(committed_cast.other.pk):
        assert not StoredDecision.objects.exists()
        assert not StoredInput.objects.exists()


def test_hostile_names_are_kept_as_they_are(committed_cast: Cast) -> None:
    hostile = 'a"b\\c\nd\x00é'
    decision = decide(committed_cast, "record.list", of={"dataset": "leads", "fields": frozenset({hostile})})
    assert decision.denials[0].params == {"fields": [hostile]}
    with tenant_scope(committed_cast.tenant.pk):
        assert StoredDecision.objects.get().reasons[0]["params"]["fields"] == [
            hostile.replace("\x00", "\ufffd")
        ]
        assert transaction.get_connection().in_atomic_block


def test_what_is_no_text_is_denied_and_kept(committed_cast: Cast) -> None:
    decision = decide(
        committed_cast, "record.list\ud800\x00", of={"dataset": "leads", "fields": frozenset({"\ud800"})}
    )
    assert [reason.code for reason in decision.denials] == ["engine.unavailable"]
    assert kept(committed_cast) == [decision.id]
