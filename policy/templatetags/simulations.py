"""What a version's page shows of its simulations, whoever renders the page."""

from typing import Any

from django import template

from identity.models import User
from policy.forms import SimulateForm
from policy.models import RulesVersion, Simulation
from policy.versions import can_change, can_read

register = template.Library()
SHOWN = 5


@register.simple_tag
def simulations_of(version: RulesVersion, user: User) -> dict[str, Any]:
    """The newest of them, and the form for another one; nothing for who may not see them."""
    if not can_read(user):
        return {}
    rows = list(Simulation.objects.filter(version=version).select_related("asked_by")[:SHOWN])
    free = can_change(user) and not any(row.is_moving for row in rows)
    return {"rows": rows, "form": SimulateForm() if free else None}
