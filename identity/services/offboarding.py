"""Begins a person's offboarding with his deactivation, and carries its steps out one by one (I5)."""

import logging
import uuid
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.utils import timezone

from identity import offboarding
from identity.models import Offboarding, OffboardingStep, User
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import Actor, record

logger = logging.getLogger(__name__)
TASK = "identity.tasks.offboard"
MOST_ATTEMPTS = 6
BATCH = 200
State = OffboardingStep.State


@transaction.atomic
def begin_offboarding(*, by: Actor | None, user: User) -> Offboarding:
    """Write down every step for `user` and set them on their way; one that is under way goes on.

    A reactivation meanwhile does not stop it: what ended stays ended, and what moved has moved.
    """
    under_way = Offboarding.objects.filter(user=user, done_at=None).first()
    if under_way is not None:
        return under_way
    made = Offboarding.objects.create(tenant_id=user.tenant_id, user=user)
    now = timezone.now()
    OffboardingStep.objects.bulk_create(
        OffboardingStep(tenant_id=user.tenant_id, offboarding=made, key=key, due_at=now)
        for key in offboarding.steps()
    )
    record(
        Event.OFFBOARDING_BEGUN,
        by=by,
        tenant=user.tenant_id,
        person=user.pk,
        obj=f"offboarding:{made.pk}",
        facts={"steps": list(offboarding.steps())},
    )
    _queue(made)
    return made


def run_offboarding(*, offboarding_id: uuid.UUID, tenant: uuid.UUID) -> None:
    """Carry out what is due of one offboarding; a step that fails does not hold up the others."""
    with tenant_scope(tenant):
        due = OffboardingStep.objects.filter(
            offboarding=offboarding_id, state=State.WAITING, due_at__lte=timezone.now()
        )
        keys = list(due.values_list("pk", flat=True))
    for pk in keys:
        run_step(step_id=pk, tenant=tenant)


def run_step(*, step_id: uuid.UUID, tenant: uuid.UUID) -> bool:
    """Carry out one step; whether it is done now. Two workers at once do it once."""
    try:
        with tenant_scope(tenant):
            return _run_locked(step_id)
    except Exception:
        logger.exception("offboarding step %s failed", step_id)
        with tenant_scope(tenant):
            _put_off(step_id)
        return False


@transaction.atomic
def retry_step(*, by: User, step: OffboardingStep) -> None:
    """Let a step that was given up be tried again at once."""
    changed = OffboardingStep.objects.filter(pk=step.pk, state=State.FAILED).update(
        state=State.WAITING, attempts=0, due_at=timezone.now()
    )
    if changed:
        facts = {"step": step.key}
        obj = f"offboarding:{step.offboarding_id}"
        record(Event.OFFBOARDING_RETRIED, by=by, tenant=step.tenant_id, obj=obj, facts=facts)
        _queue(step.offboarding)


def overdue() -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(step, tenant) of the steps that are due, in all tenants, the longest waiting first."""
    rows = OffboardingStep.objects.using("sweeper").filter(state=State.WAITING, due_at__lte=timezone.now())
    return list(rows.order_by("due_at").values_list("pk", "tenant_id")[:BATCH])


def _run_locked(step_id: uuid.UUID) -> bool:
    rows = OffboardingStep.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(pk=step_id, state=State.WAITING).select_related("offboarding__user").first()
    if row is None:
        return False
    doer = offboarding.steps().get(row.key)
    row.result = list(doer.run(row.offboarding.user)) if doer else []
    row.state, row.done_at = State.DONE, timezone.now()
    row.save(update_fields=["result", "state", "done_at"])
    _note_done(row)
    return True


def _note_done(row: OffboardingStep) -> None:
    whole = row.offboarding
    record(
        Event.OFFBOARDING_STEP_DONE,
        by=None,
        tenant=row.tenant_id,
        person=whole.user_id,
        obj=f"offboarding:{whole.pk}",
        facts={"step": row.key, "changed": len(row.result)},
    )
    Offboarding.objects.select_for_update().get(pk=whole.pk)  # the last two steps must not miss each other
    if not whole.steps.exclude(state=State.DONE).exists():
        Offboarding.objects.filter(pk=whole.pk).update(done_at=timezone.now())
        record(
            Event.OFFBOARDING_DONE,
            by=None,
            tenant=row.tenant_id,
            person=whole.user_id,
            obj=f"offboarding:{whole.pk}",
        )


def _put_off(step_id: uuid.UUID) -> None:
    """Later, and later again; after MOST_ATTEMPTS a person has to look."""
    row = OffboardingStep.objects.select_for_update().get(pk=step_id)
    if row.state != State.WAITING:
        return
    row.attempts += 1
    row.due_at = timezone.now() + timedelta(seconds=10 * 2**row.attempts)
    if row.attempts >= MOST_ATTEMPTS:
        row.state = State.FAILED
    row.save(update_fields=["attempts", "due_at", "state"])


def _queue(whole: Offboarding) -> None:
    """A broker that is away is no harm to what was committed: the sweep finds the steps."""
    arguments = [str(whole.pk), str(whole.tenant_id)]
    transaction.on_commit(lambda: current_app.send_task(TASK, args=arguments), robust=True)
