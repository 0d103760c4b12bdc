"""Legal holds: placed and released, each with its reason (D6)."""

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from datacatalog.models import Dataset, LegalHold
from datacatalog.permissions import check_hold
from identity.errors import BadInput, Conflict, Missing
from identity.models import User
from ledger.events import Event
from ledger.log import record


@transaction.atomic
def place_hold(*, by: User, title: str, reason: str, dataset: Dataset | None) -> LegalHold:
    """From now on nothing is deleted by schedule from `dataset`, or from any. A batch under way ends first.

    Raises:
        NotAllowed: `by` may not.
        BadInput: title or reason is missing.
    """
    check_hold(by)
    if not title.strip() or not reason.strip():
        raise BadInput(_("Give the hold a title and a reason."))
    hold = LegalHold.objects.create(
        tenant_id=by.tenant_id,
        title=title.strip(),
        reason=reason.strip(),
        dataset=dataset,
        placed_by=by,
    )
    _note(Event.HOLD_PLACED, hold, by)
    return hold


@transaction.atomic
def release_hold(*, by: User, hold_id: uuid.UUID, reason: str) -> LegalHold:
    """What was due meanwhile goes with the next run.

    Raises:
        Missing, NotAllowed: it is not there, or `by` may not.
        BadInput: no reason.
        Conflict: it is released already.
    """
    check_hold(by)
    hold = LegalHold.objects.select_for_update(of=("self",)).filter(pk=hold_id).first()
    if hold is None:
        raise Missing(_("There is no such hold."))
    if hold.released_at:
        raise Conflict(_("This hold is released already."))
    if not reason.strip():
        raise BadInput(_("Say why it can be released."), code="reason")
    hold.released_by, hold.released_at, hold.release_reason = by, timezone.now(), reason.strip()
    hold.save(update_fields=["released_by", "released_at", "release_reason"])
    _note(Event.HOLD_RELEASED, hold, by)
    return hold


def _note(event: Event, hold: LegalHold, by: User) -> None:
    record(event, by=by, obj=hold.obj, dataset=hold.dataset_id, facts={"title": hold.title})
