"""Writes that take versions live and apps out of service."""

import logging
import uuid
from collections.abc import Iterable

from celery import current_app as celery
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from approvals import services as approvals
from catalog import decisions
from catalog.models import App, AppVersion, Draft
from catalog.permissions import check_change, check_retire
from catalog.services.owners import hand_over, owner_named
from catalog.specs import dataset_id, published, to_seal
from catalog.states import AppState, VersionState, may_move
from catalog.vocabulary import vocabulary
from datacatalog.services.apps import publish_app_dataset
from identity.errors import Conflict
from identity.models import User
from ledger.events import Event
from ledger.log import record
from policy.inputs import Approval

logger = logging.getLogger(__name__)
LAUNCH_TASK = "catalog.launch"


@transaction.atomic
def go_live(
    *, by: User, version: AppVersion, approvals: Iterable[Approval] = (), unattended: bool = False
) -> AppVersion:
    """Decide again and set the version on its way; a worker makes its tables and then the live pointer.

    `by` is who asked for it. From here the version is `launching`: the task may be lost, the sweep
    (catalog/tasks.py) finds it. `unattended`: it follows from an approval, so that `by` need not be there.

    Raises:
        StepUpNeeded: `by` is there, and an access rule asks for a better sign-in.
        Refused: policy has come to another mind, or an approval is missing.
        BadInput: the owner that it names has left, or a field cannot be stored as its class asks for.
        Conflict: the app is retired, or another version is going live.
    """
    sealed = version.sealed
    if version.live_at is None:
        owner_named(version.parsed.metadata.owner)
        sealed = to_seal(version.parsed, app_id=version.app_id, words=vocabulary())
    decision = decisions.on_go_live(version, by=by, approvals=approvals, unattended=unattended)
    decision.raise_if_denied()
    app = App.objects.select_for_update().get(pk=version.app_id)
    if app.state == AppState.RETIRED:
        raise Conflict(_("This app is retired."))
    if AppVersion.objects.filter(app=app, state=VersionState.LAUNCHING).exclude(pk=version.pk).exists():
        raise Conflict(_("Another version of this app is going live right now."))
    _move(version, VersionState.LAUNCHING)
    AppVersion.objects.filter(pk=version.pk).update(
        state=VersionState.LAUNCHING,
        decision=decision.id,
        launching_at=Now(),
        launch_tries=0,
        failure="",
        sealed=sealed,
    )
    version.refresh_from_db(fields=["state", "decision", "launching_at", "launch_tries", "failure", "sealed"])
    Draft.objects.filter(version=version).delete()
    _note(Event.APP_LAUNCHING, version, by=by)
    _queue(version)
    return version


@transaction.atomic
def finish_launch(*, version_id: uuid.UUID) -> bool:
    """Point the app at the version whose tables are there. True once; run again it changes nothing."""
    version = _locked_launching(version_id)
    if version is None:
        return False
    app = version.app
    AppVersion.objects.filter(app=app, state=VersionState.LIVE).update(state=VersionState.REPLACED)
    AppVersion.objects.filter(pk=version.pk).update(state=VersionState.LIVE, live_at=Now())
    for dataset in version.parsed.datasets:
        publish_app_dataset(
            by=version.created_by,
            app=app.pk,
            dataset_id=dataset_id(app.pk, dataset.key),
            name=dataset.key,
            title=dataset.title,
            region=dataset.region,
            fields=published(dataset),
        )
    _point(app, version)
    _note(Event.APP_LIVE, version, by=None)
    return True


@transaction.atomic
def give_up_launch(*, version_id: uuid.UUID, reason: str) -> bool:
    """The version cannot go live; what people use stays as it is. True once."""
    version = _locked_launching(version_id)
    if version is None:
        return False
    AppVersion.objects.filter(pk=version.pk).update(state=VersionState.FAILED, failure=reason[:500])
    _note(Event.APP_LAUNCH_FAILED, version, by=None, facts={"reason": reason[:200]})
    return True


@transaction.atomic
def rollback_to(*, by: User, version: AppVersion) -> AppVersion:
    """Take an earlier version live again, under the approvals that it had.

    Raises:
        NotAllowed: `by` does not own the app.
        Conflict: the version was never live, or the app is retired.
        Refused: policy no longer allows it.
    """
    check_change(by, version.app)
    if version.state not in (VersionState.REPLACED, VersionState.FAILED):
        raise Conflict(_("Only a version that was approved before can be taken live again."))
    return go_live(by=by, version=version, approvals=decisions.granted_approvals(version.request))


@transaction.atomic
def retire(*, by: User, app: App) -> App:
    """Take an app out of service: nobody reaches it any more; its records stay until they are disposed of.

    What waits for approval about it, like an export, lapses.

    Raises:
        NotAllowed: `by` neither owns it nor is an admin.
        Conflict: it is retired, or a version of it waits for approval or is going live.
    """
    app = App.objects.select_for_update().get(pk=app.pk)
    check_retire(by, app)
    busy = [VersionState.SUBMITTED, VersionState.CHANGES, VersionState.LAUNCHING]
    if app.state == AppState.RETIRED or AppVersion.objects.filter(app=app, state__in=busy).exists():
        raise Conflict(_("It is retired, or a version of it is still on its way: withdraw that first."))
    AppVersion.objects.filter(app=app, state=VersionState.LIVE).update(state=VersionState.REPLACED)
    App.objects.filter(pk=app.pk).update(
        state=AppState.RETIRED, live_version=None, retired_at=Now(), retired_by=by
    )
    Draft.objects.filter(app_id=app.pk).delete()
    app.refresh_from_db()
    record(Event.APP_RETIRED, by=by, app=app.pk, obj=f"app:{app.pk}")
    approvals.lapse_about(by=by, app=app.pk)
    return app


def _point(app: App, version: AppVersion) -> None:
    """The app as the version says. One that is taken live again brings back its design, not its owner."""
    metadata = version.parsed.metadata
    if version.live_at is None:
        hand_over(by=version.created_by, app=app, owner=uuid.UUID(metadata.owner))
    App.objects.filter(pk=app.pk).update(
        state=AppState.LIVE,
        live_version=version,
        live_at=Now(),
        title=metadata.title,
        unit=metadata.unit,
        region=version.parsed.hosting.region,
    )


def _locked_launching(version_id: uuid.UUID) -> AppVersion | None:
    """The version if it is still launching; the app's lock orders everything that happens to it."""
    app_id = AppVersion.objects.filter(pk=version_id).values_list("app_id", flat=True).first()
    if app_id is None:
        return None
    App.objects.select_for_update().get(pk=app_id)
    return (
        AppVersion.objects.select_for_update(of=("self",))
        .select_related("app", "created_by")
        .filter(pk=version_id, state=VersionState.LAUNCHING)
        .first()
    )


def _move(version: AppVersion, state: VersionState) -> None:
    current = AppVersion.objects.select_for_update().get(pk=version.pk)
    if not may_move(current.state, state):
        raise Conflict(_("This version has moved on: %(state)s.") % {"state": current.get_state_display()})


def _queue(version: AppVersion) -> None:
    """By name, since tasks lie above services. A broker that is away is no harm: the sweep looks again."""
    arguments = [str(version.pk), str(version.tenant_id)]
    connection.on_commit(lambda: celery.send_task(LAUNCH_TASK, args=arguments), robust=True)


def _note(
    event: Event, version: AppVersion, *, by: User | None, facts: dict[str, object] | None = None
) -> None:
    record(
        event,
        by=by,
        tenant=version.tenant_id,
        app=version.app_id,
        obj=f"app_version:{version.pk}",
        tags=version.parsed.classifications(),
        decision=version.decision,
        facts={"number": version.number, "digest": version.digest, **(facts or {})},
    )
