"""Conditional access: which of the tenant's rules a question touches, and what the person at the edge shows.

Chosen and collected here, judged by the rules in Rego (library/access_conditions.rego). Only what the chosen
rules ask about becomes a fact, so that no more is stored of a person than was needed, and equal questions
stay equal (docs/adr/0067).
"""

import dataclasses
import math
import time
import uuid
from collections.abc import Sequence

from identity.id_token import LEEWAY_SECONDS
from identity.models import Risk
from identity.presence import Presence, presence
from policy.inputs import Action, Context, FieldFacts, Resource, SessionFacts, Subject
from policy.rules import FLOOR, RISKS, Rule, Rules, of_operation, revision_of, rules_of


def complete(
    context: Context, *, subject: Subject, action: str, resource: Resource, unattended: bool
) -> Context:
    """`context` with the access rules that the question touches and the session that they are held against.

    `unattended` says that the person need not be there: a task that finishes what he began, or the effect of
    another's vote. Where he is there all the same, he is asked like anybody. A context that names rules
    already is a question of "what if" and stays as it is.
    """
    if context.access_rules:
        return context
    here = presence()
    if here is not None and str(here.person) != subject.id:
        here = None
    if here is None and unattended:
        return dataclasses.replace(context, unattended=True)
    rules = _rules(uuid.UUID(subject.tenant), here)
    chosen = touching(rules, action, resource, raw=context.raw)
    return with_rules(context, rules, chosen, here)


def asks(tenant: uuid.UUID, action: Action) -> bool:
    """Whether any rule could touch `action`, whatever it is about."""
    rules = _rules(tenant, presence())
    return any(not rule.actions or action in rule.actions for rule in (*rules.rules, *FLOOR))


def touching(rules: Rules, action: str, resource: Resource, *, raw: bool) -> tuple[Rule, ...]:
    """The rules that apply, in a fixed order."""
    app = resource.app.id if resource.app else ""
    fields = touched_fields(resource)
    found = [rule for rule in (*FLOOR, *rules.rules) if rule.touches(action, app, fields, raw=raw)]
    minutes = rules.thresholds.sensitive_minutes
    own = of_operation(resource, minutes) if action == Action.CONNECTOR_CALL else ()
    return tuple(sorted((*found, *own), key=lambda rule: rule.id))


def touched_fields(resource: Resource) -> Sequence[FieldFacts]:
    """The fields that the question is about; a call that names no dataset is given none."""
    if resource.app is None or (resource.call is not None and resource.dataset is None):
        return ()
    return [
        field
        for dataset in resource.app.datasets
        if resource.dataset in {None, dataset.key}
        for field in dataset.fields
        if resource.fields is None or field.id in resource.fields
    ]


def with_rules(context: Context, rules: Rules, chosen: Sequence[Rule], here: Presence | None) -> Context:
    """`context` with `chosen` and what `here` shows of what they ask."""
    if not chosen:
        return context
    second = any(rule.second_factor and not rule.acr for rule in chosen)
    contexts = here.step_up_acr() if here and second else ()
    facts = tuple(rule.facts(contexts) for rule in chosen)
    session = _session(here, rules, chosen) if here else None
    return dataclasses.replace(context, access_rules=facts, session=session)


def _rules(tenant: uuid.UUID, here: Presence | None) -> Rules:
    return rules_of(tenant, here.access_revision if here else revision_of(tenant))


def _session(here: Presence, rules: Rules, chosen: Sequence[Rule]) -> SessionFacts:
    strong = any(rule.second_factor or rule.acr for rule in chosen)
    networks = frozenset[str]().union(*(rule.networks for rule in chosen))
    limits = [rule.max_age_minutes for rule in chosen if rule.max_age_minutes]
    return SessionFacts(
        acr=here.acr if strong else "",
        amr=here.amr & _methods(chosen),
        age_minutes=_age(here, max(limits)) if limits else None,
        device=_device(here) if any(rule.device for rule in chosen) else "",
        networks=rules.networks_of(here.address) & networks,
        risk=RISKS[Risk(here.risk)] if any(rule.max_risk for rule in chosen) else None,
        break_glass=here.breaks_glass,
    )


def _methods(chosen: Sequence[Rule]) -> frozenset[str]:
    return frozenset[str]().union(*(rule.amr for rule in chosen))


def _age(here: Presence, limit: int) -> int | None:
    """Minutes since the sign-in, begun ones whole, and no more than one past the longest that is asked.

    Rules ask in whole minutes, so nothing is lost by it, and a decision is the same for a minute. The clocks
    of portal and provider may differ by the leeway that the check of the ID token has.
    """
    if not here.auth_time:
        return None
    seconds = max(0.0, time.time() - here.auth_time - LEEWAY_SECONDS)
    return min(math.ceil(seconds / 60), limit + 1)


def _device(here: Presence) -> str:
    if here.device_compliant is None:
        return "unknown"
    return "compliant" if here.device_compliant else "not_compliant"
