"""The rules, for whoever is bound by them: what each says, why, and its very source; and who else decides
by them."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from identity.errors import Missing
from identity.models import User
from identity.roles import Role, roles_of
from policy import pdp
from policy.agents import standing
from policy.permissions import can_see_agents, check_see_agents
from policy.selectors import rules_in_force
from policy.versions import can_read


@require_safe
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """All rules in force, and which engine decides by them."""
    engine = pdp.engine()
    seen = can_see_agents(cast("User", request.user))
    context = {
        "actions": [{"label": _("Agents"), "url": reverse("policy:agents")}] if seen else [],
        "reads_versions": can_read(cast("User", request.user)),
        "rules": [rule for rule, _source in rules_in_force().values()],
        "engine": engine,
        "alive": engine.alive(),
    }
    return render(request, "policy/rules.html", context)


@require_safe
@login_required
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """One rule with its source."""
    found = rules_in_force().get(code)
    if found is None:
        raise Missing(_("There is no such rule in the rules of today."))
    return render(request, "policy/rule.html", {"rule": found[0], "source": found[1]})


@require_safe
@login_required
def agents(request: HttpRequest) -> HttpResponse:
    """Decision points elsewhere, with their revision and how far each is behind."""
    user = cast("User", request.user)
    check_see_agents(user)
    page = Paginator(standing.agents(), standing.PAGE_SIZE).get_page(request.GET.get("page"))
    adds = Role.ADMIN in roles_of(user)
    add = reverse("admin:policy_opaagent_add")
    context = {
        "page": page,
        "rows": [standing.standing(agent) for agent in page],
        "add": add if adds else "",
        "actions": [{"label": _("Add an agent"), "url": add}] if adds else [],
        "crumbs": [{"label": _("Rules"), "url": reverse("policy:rules")}],
    }
    return render(request, "policy/agents.html", context)
