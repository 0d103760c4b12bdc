"""Writes that turn a draft into a version, and what people's answer does to it."""

import uuid

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from approvals import services as approvals
from approvals.models import Request
from approvals.states import RequestState
from catalog import content as drafting
from catalog import decisions, words
from catalog import manifest as m
from catalog.evidence import submission_of
from catalog.facts import kept
from catalog.models import App, AppVersion, Draft
from catalog.permissions import check_new_version
from catalog.selectors import withdrawal
from catalog.services.drafts import Stale, locked_draft
from catalog.services.owners import hand_over, make_co_owner, owner_named
from catalog.specs import to_seal
from catalog.states import AppState, DraftState, VersionState, may_move
from catalog.templates import registry
from catalog.vocabulary import vocabulary
from identity.errors import BadInput, Conflict, Missing
from identity.models import User
from ledger.events import Event
from ledger.log import record
from policy.decision import Decision

KIND = "app"  # of requests for approval; see settings.APPROVABLES


@transaction.atomic
def submit_version(*, by: User, draft_id: uuid.UUID, revision: int) -> AppVersion:
    """Make an immutable version of the draft and ask for the approvals that policy demands.

    Where it demands none, the version is on its way to live when this returns.

    Raises:
        Missing, Conflict, Stale: the draft is gone, submitted, or was changed since `revision`; its template
            is gone or, for a new app, withdrawn.
        BadInput: it makes no manifest yet, its address is taken, or it changes what a live app cannot.
        NotAllowed: it names another owner, which the owner alone may.
        Refused: policy denies it.
        NoEligibleApprover: nobody can take a step that policy demands.
    """
    draft = locked_draft(by, draft_id)
    if draft.revision != revision:
        raise Stale(_("The draft has changed since you looked at it. Check it once more."))
    manifest = _manifest(draft)
    owners = {by.pk, uuid.UUID(manifest.metadata.owner)}
    app = App.objects.select_related("owner").select_for_update(of=("self",)).filter(pk=draft.app_id).first()
    if app is not None:
        owners = decisions.owner_ids(app.pk, app.owner_id)
        check_new_version(app, manifest, by=by)
        to_seal(manifest, app_id=app.pk, words=vocabulary())
    decision = decisions.on_submit(manifest, by=by, app_id=draft.app_id, owners=owners, words=vocabulary())
    decision.raise_if_denied()
    app = _revised(app, manifest, by=by) if app else _new_app(draft, manifest, by=by)
    version = _new_version(app, manifest, decision, by=by)
    draft.version, draft.state = version, DraftState.SUBMITTED
    draft.save(update_fields=["version", "state", "changed_at"])
    _note(Event.APP_SUBMITTED, version, by=by)
    _ask(version, decision, by=by)
    version.refresh_from_db(fields=["state", "request", "launching_at"])
    return version


@transaction.atomic
def close_version(*, by: User | None, app_id: uuid.UUID, refused: bool) -> None:
    """The request about the app's pending version ended without approval; the builder may go on."""
    version = pending_version(app_id)
    before, after = version.state, VersionState.REFUSED if refused else VersionState.WITHDRAWN
    if before == VersionState.CHANGES and not refused:
        after = VersionState.WITHDRAWN
    _move(version, after)
    _reopen(version)
    _note(Event.APP_REFUSED if refused else Event.APP_WITHDRAWN, version, by=by)


@transaction.atomic
def hand_back(*, app_id: uuid.UUID) -> None:
    """Changes were asked for: the builder's draft opens again."""
    version = pending_version(app_id)
    _move(version, VersionState.CHANGES)
    _reopen(version)
    _note(Event.APP_CHANGES_ASKED, version, by=None)


def pending_version(app_id: uuid.UUID) -> AppVersion:
    """The version of the app that waits for people, under its lock.

    Raises:
        Missing: none does.
    """
    states = [VersionState.SUBMITTED, VersionState.CHANGES]
    version = (
        AppVersion.objects.select_for_update(of=("self",))
        .select_related("app", "app__live_version", "created_by")
        .filter(app=app_id, state__in=states)
        .first()
    )
    if version is None:
        raise Missing(_("No version of this app waits for approval."))
    return version


def _manifest(draft: Draft) -> m.Manifest:
    template = registry().get(draft.template_id)
    if template is None:
        raise Missing(_("The template of this draft is gone. Start again from another one."))
    gone = withdrawal(template.id, template.version)
    if gone and draft.base_id is None:
        raise Conflict(words.withdrawn(template.title, gone))
    found = drafting.problems(template, draft.content)
    if found:
        raise BadInput(" ".join(dict.fromkeys(words.problem(one) for one in found)))
    manifest = drafting.manifest_of(template, draft.content)
    owner_named(manifest.metadata.owner)
    taken = App.objects.filter(slug=manifest.metadata.name).exclude(pk=draft.app_id)
    if taken.exists():
        raise _taken(manifest)
    return manifest


def _taken(manifest: m.Manifest) -> BadInput:
    return BadInput(_("Another app has the address “%(name)s”.") % {"name": manifest.metadata.name})


def _new_app(draft: Draft, manifest: m.Manifest, *, by: User) -> App:
    try:
        with transaction.atomic():
            app = App.objects.create(
                id=draft.app_id,
                tenant_id=draft.tenant_id,
                slug=manifest.metadata.name,
                title=manifest.metadata.title,
                owner_id=uuid.UUID(manifest.metadata.owner),
                unit=manifest.metadata.unit,
                region=manifest.hosting.region,
            )
    except IntegrityError as error:  # somebody else took the address since _manifest() looked
        raise _taken(manifest) from error
    if app.owner_id != by.pk:
        make_co_owner(by=by, app=app, user=by)
    return app


def _revised(app: App, manifest: m.Manifest, *, by: User) -> App:
    """The app as its newest version says, while nobody uses it; what is live changes when that goes live."""
    if app.state != AppState.NEW:
        return app
    hand_over(by=by, app=app, owner=uuid.UUID(manifest.metadata.owner))
    app.slug, app.title = manifest.metadata.name, manifest.metadata.title
    app.unit, app.region = manifest.metadata.unit, manifest.hosting.region
    try:
        with transaction.atomic():
            app.save(update_fields=["slug", "title", "unit", "region"])
    except IntegrityError as error:  # as in _new_app
        raise _taken(manifest) from error
    return app


def _new_version(app: App, manifest: m.Manifest, decision: Decision, *, by: User) -> AppVersion:
    """The next number; the app's row is locked or new, so no other submission is in between."""
    if app.state == AppState.RETIRED:
        raise Conflict(_("This app is retired."))
    before = AppVersion.objects.filter(app=app, state=VersionState.CHANGES).first()
    if before is not None:
        _move(before, VersionState.WITHDRAWN)
    last = AppVersion.objects.filter(app=app).aggregate(last=Max("number"))["last"] or 0
    return AppVersion.objects.create(
        tenant_id=app.tenant_id,
        app=app,
        number=last + 1,
        manifest=m.canonical(manifest).decode(),
        digest=m.digest(manifest),
        template_id=manifest.template.id,
        template_version=manifest.template.version,
        template_kept=kept(manifest),
        created_by=by,
        decision=decision.id,
        request=before.request if before else None,
    )


def _ask(version: AppVersion, decision: Decision, *, by: User) -> None:
    """Open the request, or go on with the one in which changes were asked for."""
    submission = submission_of(version, decision)
    if version.request is not None:
        waiting = Request.objects.filter(pk=version.request, state=RequestState.CHANGES)
        if waiting.exists():
            approvals.resubmit(by=by, request_id=version.request, submission=submission)
            return
    request = approvals.open_request(
        by=by,
        kind=KIND,
        obj=f"{KIND}:{version.app_id}",
        title=version.parsed.metadata.title,
        steps=submission.steps,
        tier=submission.tier,
        tier_reason=submission.tier_reason,
        digest=submission.digest,
        evidence=submission.evidence,
        app=version.app_id,
        decision=submission.decision,
    )
    AppVersion.objects.filter(pk=version.pk).update(request=request.pk)


def _move(version: AppVersion, state: VersionState) -> None:
    if not may_move(version.state, state):
        raise Conflict(_("This version has moved on: %(state)s.") % {"state": version.get_state_display()})
    version.state = state
    version.save(update_fields=["state"])


def _reopen(version: AppVersion) -> None:
    Draft.objects.filter(version=version).update(state=DraftState.OPEN)


def _note(event: Event, version: AppVersion, *, by: User | None) -> None:
    record(
        event,
        by=by,
        tenant=version.tenant_id,
        app=version.app_id,
        obj=f"app_version:{version.pk}",
        tags=version.parsed.classifications(),
        decision=version.decision,
        facts={"number": version.number, "digest": version.digest, "template": version.template_id},
    )
