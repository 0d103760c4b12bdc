"""Steps asked for -> people: managers, fallbacks, and too few people."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from approvals.models import Timer, TimerKind
from approvals.steps import BadStep, NoEligibleApprover, plan
from identity.models import Group, Membership, Role, RoleGrant, User
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.memos import MANAGER, SECURITY, Memo


@pytest.fixture(autouse=True)
def contoso(cast: Cast) -> Iterator[None]:
    with tenant_scope(cast.tenant.pk):
        yield


def test_the_manager_then_theirs_then_the_reviewers(cast: Cast) -> None:
    cast.omar.manager = cast.sana
    (step,) = plan([MANAGER], requester=_lena_under(cast, cast.omar))
    assert [(rung.person, rung.role) for rung in step.rungs] == [
        (cast.omar, None),
        (cast.sana, None),
        (None, Role.REVIEWER),
    ]


def test_without_a_manager_the_reviewers_are_asked(cast: Cast) -> None:
    (step,) = plan([MANAGER], requester=_lena_under(cast, None))
    assert [rung.role for rung in step.rungs] == [Role.REVIEWER]


def test_an_inactive_manager_is_passed_over(cast: Cast) -> None:
    cast.mia.is_active = False
    (step,) = plan([MANAGER], requester=_lena_under(cast, cast.mia))
    assert cast.mia not in [rung.person for rung in step.rungs]
    assert step.rungs[0].person or step.rungs[0].role


def test_managers_of_each_other_end(cast: Cast) -> None:
    cast.omar.manager = cast.lena
    (step,) = plan([MANAGER], requester=_lena_under(cast, cast.omar))
    assert [rung.person for rung in step.rungs] == [cast.omar, None]


def test_a_reviewer_without_manager_cannot_review_themselves(cast: Cast) -> None:
    with pytest.raises(NoEligibleApprover, match="set your manager"):
        plan([MANAGER], requester=cast.omar)  # the only reviewer


def test_two_steps_need_two_people(cast: Cast) -> None:
    Membership.objects.filter(user=cast.sana).delete()
    security = User.objects.get(pk=cast.omar.pk)
    _grant(cast, security, Role.SECURITY)
    with pytest.raises(NoEligibleApprover, match="security"):
        plan([MANAGER, SECURITY], requester=cast.lena)
    _grant(cast, cast.mia, Role.SECURITY)
    assert len(plan([MANAGER, SECURITY], requester=cast.lena)) == 2


@pytest.mark.parametrize(
    "step", [{}, {"role": "emperor"}, {"role": "manager", "needed": 0}, {"role": "manager", "hours": 0}]
)
def test_what_is_no_step_is_refused(cast: Cast, step: dict[str, object]) -> None:
    with pytest.raises(BadStep):
        plan([step], requester=cast.lena)


def test_deadlines_are_in_the_reviewers_working_hours(cast: Cast, memo: Memo) -> None:
    User.objects.filter(pk=cast.omar.pk).update(time_zone="Asia/Kolkata")
    cast.lena.manager.refresh_from_db()
    request = memo.open(cast.lena)
    first = Timer.objects.get(request=request, level=0, kind=TimerKind.ESCALATE)
    local = first.due_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert local.weekday() < 5
    assert timedelta(hours=9) <= timedelta(hours=local.hour, minutes=local.minute) <= timedelta(hours=17)
    assert request.steps.get().due_at == first.due_at


def _lena_under(cast: Cast, manager: User | None) -> User:
    cast.lena.manager = manager
    return cast.lena


def _grant(cast: Cast, user: User, role: Role) -> None:
    group = Group.objects.create(tenant=cast.tenant, name=f"{role} {user.pk}")
    RoleGrant.objects.create(tenant=cast.tenant, group=group, role=role)
    Membership.objects.create(tenant=cast.tenant, group=group, user=user)
