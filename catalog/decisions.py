"""What policy says of an app: before it is submitted, when it is, and when it goes live."""

import uuid
from collections.abc import Iterable

from approvals.models import Vote
from approvals.states import Verdict
from catalog import manifest as m
from catalog.facts import kept, resource_of
from catalog.models import AppVersion
from catalog.selectors import co_ownerships, withdrawal
from catalog.vocabulary import Vocabulary, vocabulary
from identity.models import User
from policy import pdp
from policy.decision import Decision
from policy.inputs import Action, Approval, Context
from policy.subjects import subject_of
from vault.selectors import brings_own_key


def on_submit(
    manifest: m.Manifest,
    *,
    by: User,
    app_id: uuid.UUID,
    owners: Iterable[uuid.UUID],
    words: Vocabulary,
    preview: bool = False,
    unattended: bool = False,
) -> Decision:
    """Whether `by` may submit the app, and which approvals it takes. A preview is only counted.

    `unattended`: decided again for a reviewer, so that `by` need not be there. A withdrawn template counts as
    none: the app is looked at like a design of its own.
    """
    template = manifest.template
    resource = resource_of(
        manifest,
        app_id=app_id,
        tenant=by.tenant_id,
        owners=owners,
        words=words,
        template_kept=kept(manifest) and withdrawal(template.id, template.version) is None,
        byok=brings_own_key(by.tenant_id),
    )
    return pdp.decide(subject_of(by), Action.APP_SUBMIT, resource, preview=preview, unattended=unattended)


def on_go_live(
    version: AppVersion, *, by: User, approvals: Iterable[Approval] = (), unattended: bool = False
) -> Decision:
    """Whether the version may go live now, given who approved it. `by` is who asked for it.

    `unattended`: it follows from an approval, so that `by` need not be there.
    """
    app = version.app
    resource = resource_of(
        version.parsed,
        app_id=app.pk,
        tenant=app.tenant_id,
        owners=owner_ids(app.pk, app.owner_id),
        words=vocabulary(),
        template_kept=version.template_kept,
        byok=brings_own_key(app.tenant_id),
    )
    context = Context(requester=str(by.pk), approvals=tuple(approvals))
    return pdp.decide(subject_of(by), Action.APP_GO_LIVE, resource, context, unattended=unattended)


def owner_ids(app_id: uuid.UUID, owner: uuid.UUID) -> set[uuid.UUID]:
    """Owner and co-owners of an app."""
    return {owner, *co_ownerships(app_id).values_list("user_id", flat=True)}


def granted_approvals(request_id: uuid.UUID | None) -> list[Approval]:
    """Who approved the request, as which role; votes that fell with a change do not count."""
    if request_id is None:
        return []
    votes = Vote.objects.filter(request=request_id, verdict=Verdict.APPROVE, dropped_at=None)
    return [
        Approval(role=vote.step.asks.rpartition(":")[2], by=str(vote.voter_id))
        for vote in votes.select_related("step")
    ]
