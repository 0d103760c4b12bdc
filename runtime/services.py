"""Every write of exports but their run (export_run.py): asked for, approved, taken, put right. Each records
itself in its transaction."""

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import services as approvals
from datacatalog.masking import Method
from identity.errors import Conflict, TooMany
from identity.models import User
from ledger.events import Event
from policy.decision import Decision
from policy.errors import Refused
from runtime import evidence, exports
from runtime.export_row import alone, delete_files, give_up, locked, move, note
from runtime.exports import Subject
from runtime.live import LiveApp, LiveDataset
from runtime.models import Export
from runtime.permissions import check_see_export
from runtime.states import COUNTED, ExportState

DAY = dt.timedelta(days=1)
GRACE = dt.timedelta(seconds=60)  # how long a task may be on its way before the sweep looks
MOST_ATTEMPTS = 3
MOST_FAILURES = 20  # counted no further: the wait is a day long before
Queue = Callable[[uuid.UUID, uuid.UUID], None]


@transaction.atomic
def request_export(
    *,
    by: User,
    live: LiveApp,
    dataset: LiveDataset,
    key: uuid.UUID,
    purpose: str,
    target: str,
    raw: bool,
    fields: tuple[str, ...] = (),
    queue: Queue,
) -> Export:
    """Ask for a copy of `dataset`; the same `key` again gives the same export.

    It is queued at once, or waits for the people whom the decision names.

    Raises:
        Refused: policy says no, and approvals would not help.
        StepUpNeeded: an access rule asks for a better sign-in.
        TooMany: the app's exports of the last 24 hours are used up.
        NoEligibleApprover: nobody can approve it.
    """
    _one_at_a_time(f"export-form|{key}")
    if earlier := Export.objects.filter(pk=key, requester=by).first():
        return earlier
    _check_limit(live)
    chosen = dataset.chosen(fields)
    now = timezone.now()
    export = Export(
        id=key,
        tenant_id=by.tenant_id,
        app=live.id,
        app_slug=live.slug,
        app_title=live.title,
        dataset=dataset.id,
        dataset_key=dataset.key,
        dataset_title=dataset.title,
        version_digest=live.design.digest,
        requester=by,
        purpose=purpose,
        raw=raw,
        target=target,
        fields=[item.id for item in chosen],
        tags=dataset.tags(chosen),
        state=ExportState.QUEUED,
        requested_at=now,
    )
    subject = Subject(export, live, dataset, chosen)
    try:
        decision = exports.decide(subject)
    except Refused as refusal:
        if not refusal.decision.needs_approval:
            raise
        return _wait_for_approval(subject, refusal.decision, by=by)
    export.decision, export.queued_at = decision.id, now
    export.columns = exports.columns(subject, decision)
    export.save(force_insert=True)
    note(Event.EXPORT_REQUESTED, export, by=by, facts={"target": target, "raw": raw, "tier": "none"})
    _send(export, queue)
    return export


@transaction.atomic
def approved(*, by: User | None, export_id: uuid.UUID, queue: Queue) -> None:
    """People said yes: queue it. What they approved is decided again when it runs."""
    export = locked(export_id)
    move(export, ExportState.QUEUED, queued_at=timezone.now())
    note(Event.EXPORT_APPROVED, export, by=by)
    _send(export, queue)


@transaction.atomic
def not_approved(*, by: User | None, export_id: uuid.UUID, why: str = "approval") -> None:
    """People said no, nobody answered in time, or it lapsed; `why` is a key of models.FAILURES."""
    export = locked(export_id)
    if export.state == ExportState.WAITING:
        move(export, ExportState.REFUSED, closed_at=timezone.now(), failure=why)
        note(Event.EXPORT_REFUSED, export, by=by, facts={"why": why})


@transaction.atomic
def take_file(*, by: User, export_id: uuid.UUID) -> tuple[Export, Path]:
    """The finished file for its requester; decided once more, and recorded.

    Raises:
        Missing: it is another's, or there is none.
        Conflict: it is not ready, is over, or was written under masks that no longer suffice.
        Refused, StepUpNeeded: as for the request.
    """
    export = locked(export_id)
    check_see_export(by, export)
    if export.state != ExportState.READY or export.expires_at is None or export.expires_at <= timezone.now():
        raise Conflict(_("This file is not there any more. Ask for a new export."))
    subject = exports.subject_of(export)
    decision = exports.decide(subject)
    if not _still_masked(export.columns, exports.columns(subject, decision)):
        raise Conflict(_("The rules have become stricter since this file was written. Ask for a new export."))
    if not export.path.is_file():
        raise Conflict(_("This file is not there any more. Ask for a new export."))
    Export.objects.filter(pk=export.pk).update(downloads=export.downloads + 1)
    facts = {"rows": export.rows, "sha256": export.sha256}
    note(Event.EXPORT_DOWNLOADED, export, by=by, decision=decision.id, facts=facts)
    return export, export.path


@transaction.atomic
def rescue(*, export_id: uuid.UUID, queue: Queue) -> ExportState | None:
    """Put right an export that time has passed over; returns its new state, None if nothing was due.

    A lost task is sent again; a run whose worker died starts over, MOST_ATTEMPTS times; a file that was
    kept long enough is deleted.
    """
    export = Export.objects.select_for_update(skip_locked=True).filter(pk=export_id).first()
    now = timezone.now()
    if export is None:
        return None
    if export.state == ExportState.QUEUED and export.queued_at and export.queued_at < now - GRACE:
        Export.objects.filter(pk=export.pk).update(queued_at=now)
        _send(export, queue)
        return ExportState.QUEUED
    if export.state == ExportState.RUNNING and export.started_at and export.started_at < now - GRACE:
        return _revive(export, queue) if alone(export.pk) else None
    if export.state == ExportState.READY and export.expires_at and export.expires_at <= now:
        delete_files(export)
        move(export, ExportState.EXPIRED, closed_at=now)
        note(Event.EXPORT_EXPIRED, export, by=None, facts={"downloads": export.downloads})
        return ExportState.EXPIRED
    return None


@transaction.atomic
def postpone_rescue(*, export_id: uuid.UUID) -> None:
    """Leave an export that could not be put right alone for a while, longer each time, a day at most."""
    export = locked(export_id)
    wait = min(GRACE * 2**export.rescue_failures, DAY)
    failures = min(export.rescue_failures + 1, MOST_FAILURES)
    Export.objects.filter(pk=export.pk).update(rescue_at=timezone.now() + wait, rescue_failures=failures)


# -- parts ----------------------------------------------------------------------------------------------


def _wait_for_approval(subject: Subject, decision: Decision, *, by: User) -> Export:
    export = subject.export
    export.state, export.decision = ExportState.WAITING, decision.id
    export.save(force_insert=True)
    submission = evidence.submission(subject, decision)
    request = approvals.open_request(
        by=by,
        kind=exports.KIND,
        obj=exports.obj(export.pk),
        title=_("Export of “%(dataset)s” from “%(app)s”")
        % {"dataset": export.dataset_title, "app": export.app_title},
        steps=submission.steps,
        tier=submission.tier,
        tier_reason=submission.tier_reason,
        digest=submission.digest,
        evidence=submission.evidence,
        app=export.app,
        decision=decision.id,
    )
    Export.objects.filter(pk=export.pk).update(request=request.pk)
    export.refresh_from_db()
    facts = {"target": export.target, "raw": export.raw, "tier": decision.tier.value}
    note(Event.EXPORT_REQUESTED, export, by=by, facts=facts)
    return export


def _check_limit(live: LiveApp) -> None:
    """Counted under a lock of the app, so that two at once are not both the last one."""
    limit = live.manifest.guardrails.exports_per_day
    if limit is None:
        return
    _one_at_a_time(f"exports|{live.id}")
    since = timezone.now() - DAY
    states = [*COUNTED, ExportState.WAITING]
    if Export.objects.filter(app=live.id, requested_at__gte=since, state__in=states).count() >= limit:
        text = _("This app may be exported %(limit)d times in 24 hours, and that is used up.")
        raise TooMany(text % {"limit": limit}, retry_after=3600, code="exports_per_day")


def _revive(export: Export, queue: Queue) -> ExportState:
    """The worker is gone: its connection no longer holds the lock."""
    if export.attempt >= MOST_ATTEMPTS:
        give_up(export.pk, export.attempt, "died")
        return ExportState.FAILED
    move(export, ExportState.QUEUED, queued_at=timezone.now())
    note(Event.EXPORT_RESTARTED, export, by=None, facts={"attempt": export.attempt})
    _send(export, queue)
    return ExportState.QUEUED


def _send(export: Export, queue: Queue) -> None:
    """A broker that is away is no harm to what was committed: the sweep sends it again."""
    transaction.on_commit(lambda: queue(export.pk, export.tenant_id), robust=True)


def _one_at_a_time(what: str) -> None:
    """Until this transaction ends, others that ask for `what` wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])


def _still_masked(written: list[dict[str, str]], now: list[dict[str, str]]) -> bool:
    """Whether each column of the file is masked as it would be today, or more."""
    today = {column["field"]: column["mask"] for column in now}
    return all(
        today.get(column["field"], Method.HIDE.value) in {"", column["mask"]}
        or column["mask"] == Method.HIDE.value
        for column in written
    )
