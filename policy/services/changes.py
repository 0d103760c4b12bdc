"""Changes of policy data: asked for, and in effect once a second person approved them (P7, docs/adr/0082)."""

import hashlib
import uuid
from typing import Any

import rfc8785
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import services as approvals
from identity.errors import BadInput, Conflict, Missing
from identity.models import User
from ledger.events import Event
from ledger.log import Actor, record
from policy import change_evidence
from policy.datakinds import Values, data_kind, differing, digest_of
from policy.models import DataChange
from policy.permissions import check_propose
from policy.states import CHANGE, ChangeState

CHANGE_STEPS = ({"role": "security", "order": 1},)
CHANGE_TIER = "security"
LEAST_REASON = 10
MOST_REASON = 2000


@transaction.atomic
def propose_change(
    *, by: User, kind: str, obj: str, after: Values | None, reason: str, seen: str
) -> DataChange:
    """Ask that `after` be there instead of what is (None: that nothing be); nothing of it counts yet.

    `seen` is the digest of what was there when `by` looked (policy/datakinds.py:digest_of).

    Raises:
        NotAllowed: only admins ask.
        BadInput: it says why nowhere, changes nothing, or cannot be so; `code` names the value.
        Conflict: a change of the same object waits already, it is another by now, or something uses it.
        NoEligibleApprover: nobody else could approve it.
    """
    check_propose(by)
    reason = reason.strip()
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise BadInput(_("Say why, so that whoever approves it knows."), code="reason")
    owner = data_kind(kind)
    before = owner.current(obj, locked=True)
    if digest_of(before) != seen:
        raise Conflict(_("It has been changed since you opened the page. Open it again and look."))
    after = owner.check(obj, before, after)
    if before == after:
        raise BadInput(_("Nothing of it is changed."))
    row = _create(
        tenant_id=by.tenant_id, kind=kind, object=obj, before=before, after=after, reason=reason, asked_by=by
    )
    _note(Event.POLICY_DATA_PROPOSED, row, by=by)
    name = f"{owner.label}, {owner.named(obj, after if before is None else before)}"
    request = approvals.open_request(
        by=by,
        kind="policydata",
        obj=row.obj,
        title=_("Change of policy data: %(name)s") % {"name": name},
        steps=CHANGE_STEPS,
        tier=CHANGE_TIER,
        tier_reason=_("data that the rules judge by is changed"),
        digest=change_digest(row),
        evidence=change_evidence.collect(row),
    )
    DataChange.objects.filter(pk=row.pk).update(request=request.pk)
    row.refresh_from_db()
    return row


@transaction.atomic
def apply_change(*, by: User | None, change_id: uuid.UUID) -> None:
    """People said yes: make it so, in the transaction of the vote.

    Raises:
        Conflict: what is there is not what it was, or something uses it by now; ask anew.
        BadInput: it cannot be so any more.
    """
    row = _locked(change_id)
    owner = data_kind(row.kind)
    if owner.current(row.object, locked=True) != row.before:
        raise Conflict(
            _(
                "What this would change has been changed by something else meanwhile. Reject this request, "
                "or let its requester withdraw it and ask for the change anew."
            )
        )
    owner.apply(row.object, owner.check(row.object, row.before, row.after))
    _move(row, ChangeState.APPLIED)
    _note(Event.POLICY_DATA_APPLIED, row, by=by)


@transaction.atomic
def close_change(*, by: User | None, change_id: uuid.UUID, state: ChangeState) -> None:
    """Nothing comes of it: people said no, it was taken back, or nobody answered."""
    row = _locked(change_id)
    if row.state == ChangeState.IN_REVIEW:
        _move(row, state)
        _note(Event.POLICY_DATA_REFUSED, row, by=by)


def change_digest(row: DataChange) -> str:
    """SHA-256 of what reviewers approve; nothing of it changes once it was asked for."""
    told: dict[str, Any] = {
        "change": str(row.pk),
        "kind": row.kind,
        "object": row.object,
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
    }
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _create(**values: Any) -> DataChange:
    """The row; the database lets one change of an object wait at a time."""
    try:
        with transaction.atomic():
            return DataChange.objects.create(**values)
    except IntegrityError as error:
        if "policy_data_change_once" not in str(error):
            raise
        raise Conflict(
            _("A change of the same waits for approval already. It has to be decided or withdrawn first.")
        ) from error


def _locked(change_id: uuid.UUID) -> DataChange:
    rows = DataChange.objects.select_for_update(of=("self",)).select_related("asked_by")
    row = rows.filter(pk=change_id).first()
    if row is None:
        raise Missing(_("There is no such change."))
    return row


def _move(row: DataChange, state: ChangeState) -> None:
    if state not in CHANGE[ChangeState(row.state)].values():
        raise Conflict(_("This change has moved on: %(state)s.") % {"state": row.get_state_display()})
    row.state, row.closed_at = state, timezone.now()
    row.save(update_fields=["state", "closed_at"])


def _note(event: Event, row: DataChange, *, by: Actor | None) -> None:
    """With codes and numbers alone: what somebody wrote is in the change and in its request."""
    owner = data_kind(row.kind)
    facts = {
        "data": row.kind,
        "which": row.object,
        "state": row.state,
        "changed": sorted(differing(row.before, row.after)),
        "before": owner.codes(row.before),
        "after": owner.codes(row.after),
    }
    record(event, by=by, tenant=row.tenant_id, person=row.asked_by_id, obj=row.obj, facts=facts)
