"""What security signals say of an account (CAEP 1.0 risk-level-change, RISC), for conditional access."""

from django.db import transaction
from django.utils import timezone

from identity.models import User
from identity.models.user import Risk
from ledger.events import Event
from ledger.log import Actor, record


@transaction.atomic
def set_risk(*, by: Actor | None, user: User, level: Risk, source: str) -> bool:
    """From the person's next request on rules see this risk; whether it is a change.

    `source` names who says so: an issuer of signals, or "admin".
    """
    now = User.objects.select_for_update().get(pk=user.pk)
    before, level = now.risk, Risk(level)
    if before == level:
        return False
    User.objects.filter(pk=user.pk).update(risk=level, risk_at=timezone.now())
    user.risk = level
    record(
        Event.RISK_CHANGED,
        by=by,
        tenant=user.tenant_id,
        person=user.pk,
        obj=f"user:{user.pk}",
        facts={"before": before, "after": level.value, "source": source},
    )
    return True
