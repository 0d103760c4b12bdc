"""What happens to approvals when a person leaves (identity/offboarding.py): others decide in his place, and
what he asked for is withdrawn."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from approvals.models import Ask, Request
from approvals.progress import end, note, tell_asked
from approvals.states import LIVE, RequestState, StepState
from identity.models import Role, User
from identity.offboarding import heirs
from ledger.events import Event

UNFINISHED = (StepState.WAITING, StepState.OPEN)


class Approvals:
    """The approvals' part of an offboarding."""

    @property
    def title(self) -> str:
        return _("Approvals go to others")

    def run(self, user: User) -> Sequence[str]:
        """Hand over what waits for `user`, and withdraw what he asked for and nobody has decided."""
        return [*_hand_over_all(user), *_withdraw_all(user)]


def _hand_over_all(leaver: User) -> list[str]:
    asks = Ask.objects.filter(
        person=leaver, step__state__in=UNFINISHED, step__request__state__in=sorted(LIVE)
    )
    lines = []
    for request_id in asks.order_by("step__request").values_list("step__request", flat=True).distinct():
        lines += _hand_over(leaver, request_id)
    return lines


@transaction.atomic
def _hand_over(leaver: User, request_id: uuid.UUID) -> list[str]:
    """Under the request's lock, so that no vote or escalation slips between."""
    request = Request.objects.select_for_update(of=("self",)).select_related("requester").get(pk=request_id)
    if request.state not in LIVE:
        return []
    heir = next((person for person in heirs(leaver) if person.pk != request.requester_id), None)
    rungs = Ask.objects.filter(person=leaver, step__request=request, step__state__in=UNFINISHED)
    for ask in rungs.select_related("step"):
        ask.person, ask.role = heir, "" if heir else Role.SECURITY
        ask.save(update_fields=["person", "role"])
        if ask.step.state == StepState.OPEN and ask.level <= ask.step.level:
            tell_asked(request, ask)
    to = {"person": str(heir.pk)} if heir else {"role": Role.SECURITY.value}
    note(Event.APPROVAL_HANDED_OVER, request, by=None, facts={"from": str(leaver.pk), "to": to})
    values = {"title": request.title, "heir": heir or Role.SECURITY.label}
    return [_("“%(title)s” waits for %(heir)s now") % values]


def _withdraw_all(leaver: User) -> list[str]:
    mine = Request.objects.filter(requester=leaver, state__in=sorted(LIVE))
    return [line for pk in mine.order_by("pk").values_list("pk", flat=True) for line in _withdraw(pk)]


@transaction.atomic
def _withdraw(request_id: uuid.UUID) -> list[str]:
    request = Request.objects.select_for_update(of=("self",)).select_related("requester").get(pk=request_id)
    if request.state not in LIVE:
        return []
    end(request, RequestState.WITHDRAWN, by=None)
    return [_("“%(title)s” was withdrawn") % {"title": request.title}]
