"""Apps as something that can be approved (approvals/approvables.py has the contract)."""

import uuid

from django.utils.translation import gettext as _

from approvals.approvables import Submission
from approvals.models import Request
from approvals.states import RequestState
from catalog import decisions, services
from catalog.evidence import submission_of
from catalog.services.submissions import pending_version
from catalog.vocabulary import vocabulary


class AppApproval:
    """A request about the pending version of an app; its object is "app:<id>"."""

    @property
    def label(self) -> str:
        """What such objects are called."""
        return _("App version")

    def digest(self, request: Request) -> str:
        """The pending version's: a version never changes, another one has another digest."""
        return pending_version(_app_id(request)).digest

    def decide_again(self, request: Request) -> Submission:
        """Policy's word on the pending version as it is now, with the evidence of now."""
        version = pending_version(_app_id(request))
        owners = decisions.owner_ids(version.app_id, version.app.owner_id)
        decision = decisions.on_submit(
            version.parsed,
            by=version.created_by,
            app_id=version.app_id,
            owners=owners,
            words=vocabulary(),
            unattended=True,
        )
        return submission_of(version, decision)

    def granted(self, request: Request) -> None:
        """The version is on its way to live, if policy still says so with these approvals."""
        version = pending_version(_app_id(request))
        approvals = decisions.granted_approvals(request.pk)
        services.go_live(by=version.created_by, version=version, approvals=approvals, unattended=True)

    def refused(self, request: Request) -> None:
        """The version is closed and the builder's draft opens again."""
        withdrawn = request.state == RequestState.WITHDRAWN
        by = request.requester if withdrawn else None
        services.close_version(by=by, app_id=_app_id(request), refused=not withdrawn)

    def changes_asked(self, request: Request) -> None:
        """The builder's draft opens again; submitting it resubmits the request."""
        services.hand_back(app_id=_app_id(request))


def _app_id(request: Request) -> uuid.UUID:
    return uuid.UUID(request.object.partition(":")[2])
