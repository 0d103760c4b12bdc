"""What becomes of exceptions and overrides: granted, refused, ended, over (P6, docs/adr/0078, 0083)."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import Conflict, Missing
from identity.models import User
from identity.permissions import OVERSEERS
from identity.roles import holders
from identity.services import new_access_revision
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import Actor, record
from notices.kinds import Kind
from notices.services import notify
from policy.models import PolicyException
from policy.permissions import check_end
from policy.selectors import kept_decision
from policy.services.access import seed_access_rules
from policy.states import ExceptionKind, ExceptionState, may_move
from policy.store import as_uuid

WARN_DAYS = 7
BATCH = 200


@transaction.atomic
def grant_exception(*, by: User | None, exception_id: uuid.UUID) -> None:
    """People said yes: from the next question on the rule lets the app pass.

    Raises:
        Conflict: its time is over before it began.
    """
    row = _locked(exception_id)
    now = timezone.now()
    if row.expires_at <= now:
        raise Conflict(_("The time that was asked for is over. Ask for a new exception."))
    _move(row, ExceptionState.ACTIVE, granted_at=now)
    _make_known(row, by=by)
    note(Event.EXCEPTION_GRANTED, row, by=by, facts={"until": row.expires_at.isoformat()})
    if row.is_override:
        for person in _those_to_warn(row):
            _tell(Kind.OVERRIDE_GRANTED, row, person)


@transaction.atomic
def refuse_exception(*, by: User | None, exception_id: uuid.UUID) -> None:
    """People said no, or nobody answered, or it was taken back."""
    row = _locked(exception_id)
    if row.state == ExceptionState.ASKED:
        _move(row, ExceptionState.REFUSED, closed_at=timezone.now())
        note(Event.EXCEPTION_REFUSED, row, by=by)


@transaction.atomic
def end_exception(*, by: User, exception_id: uuid.UUID) -> None:
    """End it before its time; the rule counts again from the next question on.

    Raises:
        Missing, NotAllowed: it is not there for `by`, or not his to end.
        Conflict: it is not in force.
    """
    row = _locked(exception_id)
    check_end(by, row)
    _move(row, ExceptionState.ENDED, closed_at=timezone.now(), closed_by=by)
    _make_known(row, by=by)
    note(Event.EXCEPTION_ENDED, row, by=by)


def sweep_exceptions() -> int:
    """Mark those whose time is over, and warn of those whose time is nearly over; how many that were.

    A late sweep harms nothing: what is over covers nothing, whatever its state says.
    """
    now = timezone.now()
    active = PolicyException.objects.using("sweeper").filter(state=ExceptionState.ACTIVE)
    over = active.filter(expires_at__lte=now)
    soon = active.filter(
        kind=ExceptionKind.EXCEPTION, expires_at__lte=now + timedelta(days=WARN_DAYS), warned_at=None
    )
    return _each(over, _expire) + _each(soon, _warn)


def close_those_over(reach: Mapping[str, Any]) -> None:
    """What is over, though no sweep has come round yet, stands in nobody's way."""
    rows = PolicyException.objects.filter(
        **reach, state=ExceptionState.ACTIVE, expires_at__lte=timezone.now()
    )
    for pk in rows.values_list("pk", flat=True):
        _expire(_locked(pk))


def _locked(exception_id: uuid.UUID) -> PolicyException:
    rows = PolicyException.objects.select_for_update(of=("self",)).select_related("asked_by")
    row = rows.filter(pk=exception_id).first()
    if row is None:
        raise Missing(_("There is no such exception."))
    return row


def _move(row: PolicyException, state: ExceptionState, **values: Any) -> None:
    if not may_move(row.state, state):
        raise Conflict(_("This exception has moved on: %(state)s.") % {"state": row.get_state_display()})
    row.state = state
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *values])


def _make_known(row: PolicyException, *, by: Actor | None) -> None:
    """Every process reads the tenant's rules anew; one that has none of its own gets those to begin with."""
    seed_access_rules(by=by, tenant=row.tenant_id)
    new_access_revision(tenant=row.tenant_id)


def _each(rows: Any, act: Any) -> int:
    done = 0
    for pk, tenant in list(rows.order_by("expires_at").values_list("pk", "tenant_id")[:BATCH]):
        with tenant_scope(tenant):
            done += act(_locked(pk))
    return done


def _expire(row: PolicyException) -> bool:
    if row.state != ExceptionState.ACTIVE or row.expires_at > timezone.now():
        return False
    _move(row, ExceptionState.EXPIRED, closed_at=timezone.now())
    note(Event.EXCEPTION_EXPIRED, row, by=None)
    _tell(Kind.EXCEPTION_EXPIRED, row, row.asked_by)
    return True


def _warn(row: PolicyException) -> bool:
    if row.state != ExceptionState.ACTIVE or row.warned_at:
        return False
    row.warned_at = timezone.now()
    row.save(update_fields=["warned_at"])
    _tell(Kind.EXCEPTION_ENDING, row, row.asked_by)
    return True


def _those_to_warn(row: PolicyException) -> list[User]:
    """An override is loud: the app's owners, its person, and all who oversee hear of it."""
    refusal = kept_decision(row.decision) if row.decision else None
    owners = map(as_uuid, refusal.owners if refusal else ())
    own = [pk for pk in (row.asked_by_id, row.person_id, *owners) if pk is not None]
    people = {person.pk: person for role in OVERSEERS for person in holders(role)}
    people |= {person.pk: person for person in User.objects.filter(pk__in=own, is_active=True)}
    return list(people.values())


def _tell(kind: Kind, row: PolicyException, person: User) -> None:
    notify(
        kind=kind,
        key=f"{kind.value}:{row.pk}:{person.pk}",
        tenant=row.tenant_id,
        person=person,
        params={"title": row.app_title},
        path=row.get_absolute_url(),
    )


def note(
    event: Event, row: PolicyException, *, by: Actor | None, facts: dict[str, Any] | None = None
) -> None:
    told = {"kind": row.kind, "rule": row.rule, **(facts or {})}
    record(
        event,
        by=by,
        tenant=row.tenant_id,
        app=row.app,
        person=row.asked_by_id,
        obj=row.obj,
        decision=row.decision,
        facts=told,
    )
