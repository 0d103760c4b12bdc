"""Conditions of access where no room of its own asks policy: votes on approvals, and Django admin."""

from collections.abc import Iterable

from django.http import HttpRequest

from approvals.evidence import Evidence
from approvals.models import Request
from approvals.selectors import evidence_now
from datacatalog.models import Classification
from identity.models import User
from policy import conditions, pdp
from policy.inputs import Action, AppFacts, DatasetFacts, FieldFacts, Resource, Target
from policy.subjects import subject_of

NOWHERE = Target(region="", jurisdiction="")


class VoteConditions:
    """Wired into approvals (approvals/conditions.py)."""

    def check(self, *, by: User, request: Request) -> None:
        """Ask policy, where a rule of the tenant could touch a vote at all.

        Raises:
            Refused: by a device, a network, a risk, or a sign-in that cannot be made better.
            StepUpNeeded: a stronger or fresher sign-in is asked for.
        """
        if not conditions.asks(by.tenant_id, Action.APPROVAL_VOTE):
            return
        tags = Evidence.parse(evidence_now(request).document).tags
        resource = about(by, str(request.app) if request.app else "", tags)
        pdp.decide(subject_of(by), Action.APPROVAL_VOTE, resource).raise_if_denied()


def about(by: User, app: str, tags: Iterable[str]) -> Resource:
    """What carries `tags`, as far as access rules look at it; `app` is the app's id or ""."""
    known = {one.code: one for one in Classification.objects.filter(code__in=list(tags))}
    fields = tuple(
        FieldFacts(id=code, classification=code, level=one.level, personal=one.personal)
        for code, one in sorted(known.items())
    )
    tenant = str(by.tenant_id)
    facts = AppFacts(
        id=app,
        tenant=tenant,
        state="",
        hosting=NOWHERE,
        datasets=(DatasetFacts(key="", storage=NOWHERE, fields=fields),),
    )
    return Resource(tenant=tenant, app=facts)


def check_admin(request: HttpRequest) -> None:
    """Django admin opens to who meets the rules for it.

    Raises:
        Refused, StepUpNeeded: as for a vote.
    """
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the admin site has asked already
    pdp.decide(subject_of(user), Action.ADMIN_USE, Resource(tenant=str(user.tenant_id))).raise_if_denied()
