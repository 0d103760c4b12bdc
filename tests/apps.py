"""Apps for tests, made the way people make them: draft, submission, votes, launch."""

import uuid
from typing import Any

from approvals import services as approvals
from approvals.models import Request
from approvals.states import Verdict
from catalog import launch, services
from catalog.content import Content
from catalog.models import App, AppVersion, Draft
from datacatalog.services.scheme import seed_scheme
from identity.models import User
from identity.tenancy import tenant_scope

LOW_RISK = "team-dashboard"  # live at once
PERSONAL = "marketing-lead-capture"  # asks the manager


def seed(by: User) -> None:
    """The tenant's classifications and regions."""
    seed_scheme(by=None, tenant=by.tenant_id)


def filled(draft: Draft, title: str = "Spring leads", groups: tuple[str, ...] = ("Marketing",)) -> Content:
    """The draft's content with a name and everybody of `groups` in every role."""
    content: Content = draft.content
    slug = title.lower().replace(" ", "-")
    roles = {key: list(groups) for key in content["access"]["roles"]}
    return {
        **content,
        "metadata": {**content["metadata"], "title": title, "name": slug},
        "access": {"groups": list(groups), "roles": roles},
    }


def drafted(by: User, template_id: str = PERSONAL, **given: Any) -> Draft:
    """A draft that is ready to submit."""
    draft = services.start_draft(by=by, template_id=template_id)
    return save(by, draft, filled(draft, **given))


def save(by: User, draft: Draft, content: Content) -> Draft:
    """The draft saved from a page of its own."""
    return services.save_draft(
        by=by, draft_id=draft.pk, revision=draft.revision, editor=uuid.uuid4(), content=content
    )


def submitted(by: User, template_id: str = PERSONAL, **given: Any) -> AppVersion:
    """A submitted version."""
    draft = drafted(by, template_id, **given)
    return services.submit_version(by=by, draft_id=draft.pk, revision=draft.revision)


def approve(by: User, version: AppVersion) -> Request:
    """`by` approves the version's request."""
    return vote(by, version, Verdict.APPROVE)


def vote(by: User, version: AppVersion, verdict: Verdict, comment: str = "Please look again") -> Request:
    """`by` votes on the version's request; the request as it is then."""
    request = Request.objects.get(pk=version.request)
    approvals.vote(
        by=by,
        request_id=request.pk,
        verdict=verdict,
        digest=request.digest,
        key=uuid.uuid4(),
        comment="" if verdict == Verdict.APPROVE else comment,
    )
    request.refresh_from_db()
    return request


def launched_for(version: AppVersion) -> App:
    """The app after the worker has done its part. Needs a test that commits."""
    assert launch.launch(version.pk, version.tenant_id)
    with tenant_scope(version.tenant_id):
        return App.objects.select_related("live_version").get(pk=version.app_id)
