"""Writes of drafts."""

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog import content as drafting
from catalog import words
from catalog.content import Content
from catalog.models import App, AppVersion, Draft
from catalog.permissions import can_change, check_build, check_change, check_draft
from catalog.selectors import withdrawal
from catalog.states import DraftState, VersionState
from catalog.suggestions import refresh
from catalog.templates import registry
from catalog.vocabulary import vocabulary
from identity.errors import Conflict, Missing
from identity.models import User
from ledger.events import Event
from ledger.log import record

MAX_DRAFTS = 50


class Stale(Conflict):
    """The draft was saved from another window since this one was opened."""


@transaction.atomic
def start_draft(*, by: User, template_id: str) -> Draft:
    """A new draft from a template, with the template's fields and the builder as owner.

    Raises:
        NotAllowed: `by` is no builder.
        Missing: there is no such template.
        Conflict: it is withdrawn, or `by` has 50 drafts already.
    """
    check_build(by)
    template = registry().get(template_id)
    if template is None:
        raise Missing(_("There is no such template."))
    if gone := withdrawal(template.id, template.version):
        raise Conflict(words.withdrawn(template.title, gone))
    if Draft.objects.filter(builder=by).count() >= MAX_DRAFTS:
        raise Conflict(_("You have %(count)s drafts. Discard one first.") % {"count": MAX_DRAFTS})
    draft = Draft.objects.create(
        tenant_id=by.tenant_id,
        builder=by,
        template_id=template.id,
        content=refresh(drafting.begin(template, owner=str(by.pk), unit=by.unit), vocabulary()),
    )
    _note(Event.DRAFT_STARTED, draft, by=by)
    return draft


@transaction.atomic
def start_change(*, by: User, app: App) -> Draft:
    """The draft of `app`'s next version: the one that is open, or a new one from the live version.

    One of somebody who owns the app no longer goes over to `by`.

    Raises:
        NotAllowed: `by` does not own the app.
        Conflict: the app is not live, a version is going live, or someone else is changing it.
        Missing: its template is gone.
    """
    app = App.objects.select_related("live_version", "owner").select_for_update(of=("self",)).get(pk=app.pk)
    check_change(by, app)
    present = Draft.objects.select_related("builder").filter(app_id=app.pk).first()
    if present is not None:
        if present.builder_id != by.pk:
            _take_over(present, app, by=by)
        return present
    live = app.live_version
    if live is None:
        raise Conflict(_("Only a live app can be changed."))
    if AppVersion.objects.filter(app=app, state=VersionState.LAUNCHING).exists():
        raise Conflict(_("A version of this app is going live right now. Try again in a moment."))
    if live.template_id not in registry():
        raise Missing(_("The template of this app is gone. Ask your platform admins."))
    try:
        with transaction.atomic():
            draft = Draft.objects.create(
                tenant_id=by.tenant_id,
                builder=by,
                template_id=live.template_id,
                app_id=app.pk,
                base=live,
                title=app.title,
                content=drafting.of_manifest(live.parsed, owner=str(app.owner_id)),
                step="fields",
            )
    except IntegrityError as error:
        raise Conflict(_("Someone else has just begun to change this app.")) from error
    _note(Event.DRAFT_STARTED, draft, by=by)
    return draft


def _take_over(draft: Draft, app: App, *, by: User) -> None:
    """Go on with the draft of somebody who may not change the app any more."""
    before = draft.builder
    if draft.state != DraftState.OPEN or can_change(before, app):
        raise Conflict(_("%(name)s is changing this app right now.") % {"name": before})
    draft.builder = by
    draft.revision += 1
    draft.save(update_fields=["builder", "revision"])
    facts = {"from": str(before.pk), "to": str(by.pk)}
    record(Event.DRAFT_HANDED_OVER, by=by, app=app.pk, obj=f"draft:{draft.pk}", facts=facts)


@transaction.atomic
def save_draft(
    *, by: User, draft_id: uuid.UUID, revision: int, editor: uuid.UUID, content: Content, step: str = ""
) -> Draft:
    """Keep `content`, with its suggestions as of now. No event: it happens at every change of a field.

    `revision` is the one that the sender's page was made from, `editor` names that page. A page that saves
    twice in a row may name the older revision, since its second save was on the way already.

    Raises:
        Missing: no such draft of this builder.
        Stale: another page has saved since.
        Conflict: the draft is submitted.
    """
    draft = locked_draft(by, draft_id)
    if draft.revision != revision and draft.editor != editor:
        raise Stale(_("This draft was changed in another window. Reload the page to go on from there."))
    draft.content = refresh(content, vocabulary())
    draft.title = str(content["metadata"]["title"])[:120]
    draft.step = step or draft.step
    draft.revision += 1
    draft.editor = editor
    draft.save(update_fields=["content", "title", "step", "revision", "editor", "changed_at"])
    return draft


@transaction.atomic
def discard_draft(*, by: User, draft_id: uuid.UUID) -> None:
    """Throw a draft away. Versions that were made from it stay.

    Raises:
        Missing: no such draft of this builder.
        Conflict: it waits for approval.
    """
    draft = locked_draft(by, draft_id)
    _note(Event.DRAFT_DISCARDED, draft, by=by)
    draft.delete()


def locked_draft(by: User, draft_id: uuid.UUID) -> Draft:
    """The open draft of `by` under its lock."""
    found = Draft.objects.select_for_update().filter(pk=draft_id).first()
    draft = check_draft(by, found)
    if draft.state != DraftState.OPEN:
        raise Conflict(_("This draft is submitted and waits for approval."))
    return draft


def _note(event: Event, draft: Draft, *, by: User) -> None:
    facts = {"template": draft.template_id}
    record(event, by=by, app=draft.app_id, obj=f"draft:{draft.pk}", facts=facts)
