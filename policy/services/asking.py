"""How exceptions and overrides are asked for, each from a refusal (P6, docs/adr/0078, 0083)."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import rfc8785
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import services as approvals
from identity.errors import BadInput, Conflict, NotAllowed
from identity.models import User
from ledger.events import Event
from policy import exception_evidence, overrides
from policy.levels import thresholds_for
from policy.models import REACH, PolicyException
from policy.selectors import Kept, overridable_denials, waivable_denials
from policy.services.exceptions import close_those_over, note
from policy.states import ExceptionKind

MOST_HOURS = 24
STEPS = ({"role": "manager", "order": 1}, {"role": "security", "order": 2})
TIER = "manager_then_security"
Steps = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for. `dataset` and `region` narrow it, "" leaves it wide; `until` is aware.

    `jurisdiction` is the law that values may go to, for a rule on transfers.
    """

    rule: str
    app_title: str
    dataset: str = ""
    region: str = ""
    jurisdiction: str = ""
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
    if refusal.row.subject != by.pk:
        raise NotAllowed(_("Only who was refused can ask for an exception from it."))
    denials = {reason.code: reason for reason in waivable_denials(refusal)}
    if refusal.row.app is None or wish.rule not in denials:
        raise BadInput(_("This rule knows no exceptions, or did not stand in the way."), code="rule")
    laws = denials[wish.rule].laws
    if (wish.jurisdiction or laws) and wish.jurisdiction not in laws:
        raise BadInput(_("Choose the law that the values may go to."), code="jurisdiction")
    most = thresholds_for(by).longest_exception_days
    _check(wish, timedelta(days=most + 1), _("Choose a day within the next %(days)d days.") % {"days": most})
    row = _create(
        id=key,
        asked_by=by,
        app=refusal.row.app,
        dataset=wish.dataset,
        region=wish.region,
        jurisdiction=wish.jurisdiction,
        **_common(by, refusal, wish),
    )
    title = _("Exception for “%(app)s”: %(rule)s") % {"app": row.app_title, "rule": row.rule}
    return _open(row, refusal, title=title, steps=STEPS, tier=TIER)


@transaction.atomic
def ask_override(*, by: User, key: uuid.UUID, refusal: Kept, wish: Wish) -> PolicyException:
    """Ask security to let pass for some hours what a rule refused one person; the same `key`, the same one.

    It covers the person, the action, the app, the dataset and the region of the refusal and nothing else.

    Raises:
        Refused: `by` is no admin, or the rules want it otherwise.
        StepUpNeeded: a stronger or fresher sign-in of `by` is asked for.
        BadInput: the rule did not stand in the way or is never overridden, its time is no time, or a text
            is missing.
        Conflict: the same is asked for or in force already.
        NoEligibleApprover: nobody else can approve it.
    """
    if earlier := PolicyException.objects.filter(pk=key, asked_by=by).first():
        return earlier
    asked = overrides.ask(by=by, refusal=refusal)
    known = {reason.code for reason in overridable_denials(refusal)}
    if refusal.row.app is None or refusal.row.subject is None or wish.rule not in known:
        raise BadInput(_("This rule is never overridden, or did not stand in the way."), code="rule")
    latest = timedelta(hours=MOST_HOURS, minutes=1)
    _check(wish, latest, _("Choose a time within %(hours)d hours.") % {"hours": MOST_HOURS})
    row = _create(
        id=key,
        asked_by=by,
        kind=ExceptionKind.OVERRIDE,
        app=refusal.row.app,
        person_id=refusal.row.subject,
        action=refusal.row.action,
        dataset=refusal.dataset,
        region=refusal.region,
        **_common(by, refusal, wish),
    )
    title = _("Override in “%(app)s”: %(rule)s") % {"app": row.app_title, "rule": row.rule}
    return _open(row, refusal, title=title, steps=asked.steps, tier=asked.tier)


def digest(row: PolicyException) -> str:
    """SHA-256 of what reviewers approve; nothing of it changes once it was asked for."""
    told: dict[str, Any] = {
        "exception": str(row.pk),
        "kind": row.kind,
        "rule": row.rule,
        "app": str(row.app),
        "dataset": row.dataset,
        "region": row.region,
        "jurisdiction": row.jurisdiction,
        "person": str(row.person_id or ""),
        "action": row.action,
        "reason": row.reason,
        "control": row.control,
        "until": row.expires_at.isoformat(),
    }
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _check(wish: Wish, latest: timedelta, hint: str) -> None:
    now = timezone.now()
    if not now < wish.until <= now + latest:
        raise BadInput(hint, code="until")
    if not wish.reason.strip() or not wish.control.strip():
        raise BadInput(_("Say why, and what protects the data meanwhile."))


def _common(by: User, refusal: Kept, wish: Wish) -> dict[str, Any]:
    return {
        "tenant_id": by.tenant_id,
        "rule": wish.rule,
        "app_title": wish.app_title,
        "reason": wish.reason.strip(),
        "control": wish.control.strip(),
        "decision": refusal.row.pk,
        "expires_at": wish.until,
    }


def _create(**values: Any) -> PolicyException:
    """The row; the database lets one of the same reach stand at a time.

    Raises:
        Conflict: there is one.
    """
    row = PolicyException(**values)
    close_those_over({name: getattr(row, name) for name in REACH})
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("The same is asked for or in force already.")) from error
    return row


def _open(row: PolicyException, refusal: Kept, *, title: str, steps: Steps, tier: str) -> PolicyException:
    note(Event.EXCEPTION_ASKED, row, by=row.asked_by, facts={"until": row.expires_at.isoformat()})
    request = approvals.open_request(
        by=row.asked_by,
        kind="exception",
        obj=row.obj,
        title=title,
        steps=steps,
        tier=tier,
        tier_reason=_("a rule is set aside for a while"),
        digest=digest(row),
        evidence=exception_evidence.collect(row, refusal),
        app=row.app,
        decision=refusal.row.pk,
    )
    PolicyException.objects.filter(pk=row.pk).update(request=request.pk)
    row.refresh_from_db()
    return row
