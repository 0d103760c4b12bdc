"""Who may see a request, and who may decide it. Rights are read now, never taken from when it opened."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from approvals.models import Ask, Request, Step, Vote
from approvals.states import RequestState, StepState, Verdict
from identity.errors import Missing, NotAllowed
from identity.models import Role, User
from identity.object_permissions import things_of
from identity.roles import group_names, roles_of

VIEW = "view_request"  # the right that lets somebody read one request
READS_ALL = frozenset({Role.SECURITY, Role.ADMIN, Role.AUDITOR})


def asked(user: User) -> Q:
    """Rungs (Ask rows) that mean `user`: by person, by a role held now, by a group they are in now."""
    return Q(person=user.pk) | Q(role__in=roles_of(user)) | Q(group_name__in=group_names(user))


def visible_to(user: User) -> Q:
    """Requests that `user` may see: their own, those they are or were asked for or named to read, and all
    for who oversees."""
    if roles_of(user) & READS_ALL:
        return Q()
    ladder = Ask.objects.filter(asked(user), step__request=OuterRef("pk"))
    return (
        Q(requester=user.pk)
        | Q(pk__in=things_of(user, VIEW, Request).values("pk"))
        | Exists(ladder)
        | Exists(Vote.objects.filter(request=OuterRef("pk"), voter=user.pk))
    )


def can_name_viewers(user: User, request: Request) -> bool:
    """Whether `user` may say who else reads `request`."""
    return request.requester_id == user.pk or bool({Role.SECURITY, Role.ADMIN} & roles_of(user))


def check_name_viewers(user: User, request: Request) -> None:
    """Raise NotAllowed unless `user` may say who else reads `request`."""
    if not can_name_viewers(user, request):
        raise NotAllowed(_("Only the person who asked for this, security and admins let others read it."))


def check_see(user: User, request: Request) -> None:
    """Raise Missing where `user` may not know of `request`."""
    if not can_see(user, request):
        raise Missing(_("There is no such request, or you are not asked for it."))


def can_see(user: User, request: Request) -> bool:
    """Whether `user` may read `request`."""
    return Request.objects.filter(visible_to(user), pk=request.pk).exists()


def steps_for(user: User, request: Request) -> list[Step]:
    """Open steps of `request` that `user` may decide now, those that ask nearest to the person first."""
    ladder = Ask.objects.filter(asked(user), step=OuterRef("pk"), level__lte=OuterRef("level"))
    steps = request.steps.filter(Exists(ladder), state=StepState.OPEN)
    return sorted(steps, key=lambda step: (step.order, not step.asks.startswith("manager"), step.pk))


def check_decide(user: User, request: Request) -> Step:
    """The step that a vote of `user` would count for.

    Raises:
        NotAllowed: own request, deactivated, voted already, or not asked at this step.
    """
    reason, step = _decide(user, request)
    if step is None:
        raise NotAllowed(reason)
    return step


def can_decide(user: User, request: Request) -> bool:
    """Whether the page shows the buttons."""
    return is_decided_by_others(request) and _decide(user, request)[1] is not None


def why_not(user: User, request: Request) -> str:
    """What the page says in place of the buttons; empty when the user may decide."""
    return _decide(user, request)[0] if is_decided_by_others(request) else ""


def is_decided_by_others(request: Request) -> bool:
    """Whether reviewers have the ball; also where a requester had it who has left since."""
    gone = request.state == RequestState.CHANGES and not request.requester.is_active
    return request.state == RequestState.OPEN or gone


def _decide(user: User, request: Request) -> tuple[str, Step | None]:
    if not user.is_active:
        return _("Your account is deactivated."), None
    if request.requester_id == user.pk:
        return _("You asked for this yourself; somebody else decides it."), None
    if request.votes.filter(voter=user.pk, verdict=Verdict.APPROVE, dropped_at=None).exists():
        return _("You have approved this already; each step needs somebody else."), None
    if steps := steps_for(user, request):
        return "", steps[0]
    return _("You are not asked to decide this now."), None


def check_requester(user: User, request: Request) -> None:
    """Raise NotAllowed unless `user` asked for it."""
    if request.requester_id != user.pk:
        raise NotAllowed(_("Only the person who asked for this may do that."))
