"""The rules, for whoever is bound by them: what each says, why, and its very source."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from identity.errors import Missing
from policy import pdp
from policy.selectors import rules_in_force


@require_safe
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """All rules in force, and which engine decides by them."""
    engine = pdp.engine()
    context = {
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
