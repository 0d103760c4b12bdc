"""Exceptions from a rule: asked for, approved, ended, over (P6, docs/adr/0078)."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import rfc8785
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import services as approvals
from identity.errors import BadInput, Conflict, Missing, NotAllowed
from identity.models import User
from identity.services import new_access_revision
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import Actor, record
from notices.kinds import Kind
from notices.services import notify
from policy import exception_evidence
from policy.levels import thresholds_for
from policy.models import PolicyException
from policy.permissions import check_end
from policy.selectors import Kept, waivable_denials
from policy.services.access import seed_access_rules
from policy.states import ExceptionState, may_move

WARN_DAYS = 7
BATCH = 200
STEPS = ({"role": "manager", "order": 1}, {"role": "security", "order": 2})
TIER = "manager_then_security"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for. `dataset` and `region` narrow it, "" leaves it wide; `until` is aware."""

    rule: str
    app_title: str
    dataset: str = ""
    region: str = ""
    reason: str
    control: str
    until: datetime


@transaction.atomic
def ask_exception(*, by: User, key: uuid.UUID, refusal: Kept, wish: Wish) -> PolicyException:
    """Ask for an exception from a rule that refused `by` something; the same `key` again gives the same one.

    Raises:
        NotAllowed: it was somebody else who was refused.
        BadInput: the rule did not stand in the way or knows no exceptions, its time is no time, or a text
            is missing.
        Conflict: the same is asked for or in force already.
        NoEligibleApprover: nobody can approve it.
    """
    if earlier := PolicyException.objects.filter(pk=key, asked_by=by).first():
        return earlier
    app = _check(by, refusal, wish)
    row = _create(
        id=key,
        tenant_id=by.tenant_id,
        rule=wish.rule,
        app=app,
        app_title=wish.app_title,
        dataset=wish.dataset,
        region=wish.region,
        reason=wish.reason.strip(),
        control=wish.control.strip(),
        asked_by=by,
        decision=refusal.row.pk,
        expires_at=wish.until,
    )
    _note(Event.EXCEPTION_ASKED, row, by=by, facts={"until": row.expires_at.isoformat()})
    request = approvals.open_request(
        by=by,
        kind="exception",
        obj=row.obj,
        title=_("Exception for “%(app)s”: %(rule)s") % {"app": row.app_title, "rule": row.rule},
        steps=STEPS,
        tier=TIER,
        tier_reason=_("a rule is set aside for a while"),
        digest=digest(row),
        evidence=exception_evidence.collect(row, refusal),
        app=row.app,
        decision=refusal.row.pk,
    )
    PolicyException.objects.filter(pk=row.pk).update(request=request.pk)
    row.refresh_from_db()
    return row


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
    _note(Event.EXCEPTION_GRANTED, row, by=by, facts={"until": row.expires_at.isoformat()})


@transaction.atomic
def refuse_exception(*, by: User | None, exception_id: uuid.UUID) -> None:
    """People said no, or nobody answered, or it was taken back."""
    row = _locked(exception_id)
    if row.state == ExceptionState.ASKED:
        _move(row, ExceptionState.REFUSED, closed_at=timezone.now())
        _note(Event.EXCEPTION_REFUSED, row, by=by)


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
    _note(Event.EXCEPTION_ENDED, row, by=by)


def sweep_exceptions() -> int:
    """Mark those whose time is over, and warn of those whose time is nearly over; how many that were.

    A late sweep harms nothing: what is over covers nothing, whatever its state says.
    """
    now = timezone.now()
    active = PolicyException.objects.using("sweeper").filter(state=ExceptionState.ACTIVE)
    over = active.filter(expires_at__lte=now)
    soon = active.filter(expires_at__lte=now + timedelta(days=WARN_DAYS), warned_at=None)
    return _each(over, _expire) + _each(soon, _warn)


def digest(row: PolicyException) -> str:
    """SHA-256 of what reviewers approve; nothing of it changes once it was asked for."""
    told: dict[str, Any] = {
        "exception": str(row.pk),
        "rule": row.rule,
        "app": str(row.app),
        "dataset": row.dataset,
        "region": row.region,
        "reason": row.reason,
        "control": row.control,
        "until": row.expires_at.isoformat(),
    }
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _check(by: User, refusal: Kept, wish: Wish) -> uuid.UUID:
    """The app that it is about, if everything fits."""
    if refusal.row.subject != by.pk:
        raise NotAllowed(_("Only who was refused can ask for an exception from it."))
    if refusal.row.app is None or wish.rule not in {reason.code for reason in waivable_denials(refusal)}:
        raise BadInput(_("This rule knows no exceptions, or did not stand in the way."), code="rule")
    now, most = timezone.now(), thresholds_for(by).longest_exception_days
    if not now < wish.until <= now + timedelta(days=most + 1):
        text = _("Choose a day within the next %(days)d days.")
        raise BadInput(text % {"days": most}, code="until")
    if not wish.reason.strip() or not wish.control.strip():
        raise BadInput(_("Say why, and what protects the data meanwhile."))
    return refusal.row.app


def _create(**values: Any) -> PolicyException:
    """The row; the database lets one wish or exception of the same reach stand at a time.

    Raises:
        Conflict: there is one.
    """
    reach = {name: values[name] for name in ("rule", "app", "dataset", "region")}
    for pk in PolicyException.objects.filter(**reach, expires_at__lte=timezone.now()).values_list("pk"):
        _expire(_locked(pk[0]))  # over, and the sweep has not come round yet
    try:
        with transaction.atomic():
            return PolicyException.objects.create(**values)
    except IntegrityError as error:
        raise Conflict(_("The same exception is asked for or in force already.")) from error


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
    _note(Event.EXCEPTION_EXPIRED, row, by=None)
    _tell(Kind.EXCEPTION_EXPIRED, row)
    return True


def _warn(row: PolicyException) -> bool:
    if row.state != ExceptionState.ACTIVE or row.warned_at:
        return False
    row.warned_at = timezone.now()
    row.save(update_fields=["warned_at"])
    _tell(Kind.EXCEPTION_ENDING, row)
    return True


def _tell(kind: Kind, row: PolicyException) -> None:
    notify(
        kind=kind,
        key=f"{kind.value}:{row.pk}",
        tenant=row.tenant_id,
        person=row.asked_by,
        params={"title": row.app_title},
        path=row.get_absolute_url(),
    )


def _note(
    event: Event, row: PolicyException, *, by: Actor | None, facts: dict[str, Any] | None = None
) -> None:
    told: Iterable[tuple[str, Any]] = {"rule": row.rule, **(facts or {})}.items()
    record(
        event,
        by=by,
        tenant=row.tenant_id,
        app=row.app,
        person=row.asked_by_id,
        obj=row.obj,
        decision=row.decision,
        facts=dict(told),
    )
