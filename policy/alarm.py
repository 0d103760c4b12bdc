"""Tells people that no engine decides, or not by the rules in force, once in a while of an outage."""

import logging
from datetime import timedelta

import redis
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from identity.models import Role
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record
from notices.kinds import Kind
from notices.services import notify
from policy.decision import Decision
from policy.engines.base import Fault
from policy.rulebook import Rulebook
from policy.steward import operating_tenant

logger = logging.getLogger(__name__)
EVERY = timedelta(minutes=5)


def raise_alarm(decision: Decision) -> None:
    """After a denial for want of an answer: an event, and a notice to admins and security.

    Facts that no engine could take are their caller's fault, and no alarm. Without Redis each denial is an
    event; people are told once all the same.
    """
    fault = str(decision.reasons[0].params.get("fault", ""))
    if fault == Fault.INPUT or _told(decision):
        return
    record(
        Event.POLICY_ENGINE_DOWN,
        by=None,
        tenant=decision.tenant,
        decision=decision.id,
        facts={"engine": decision.engine, "fault": fault},
    )
    span = int(timezone.now().timestamp() // EVERY.total_seconds())
    for role in (Role.ADMIN, Role.SECURITY):
        notify(
            kind=Kind.POLICY_ENGINE_DOWN,
            key=f"engine-down:{decision.tenant}:{role.value}:{span}",
            tenant=decision.tenant,
            role=role,
            path="/policy/rules/",
        )


def rules_not_loaded(rules: Rulebook) -> None:
    """Rules that were put in force do not come up in this process: an event, and a notice, now and then.

    Called by the thread that follows the rules, outside of any transaction.
    """
    tenant = operating_tenant()
    if tenant is None:
        return
    span = int(timezone.now().timestamp() // EVERY.total_seconds())
    try:
        if not cache.add(f"policy:not-loaded:{rules.revision}:{span}", 1, EVERY.total_seconds()):
            return
    except redis.RedisError:
        logger.warning("alarms are not counted: Redis is away")
    with tenant_scope(tenant):
        facts = {"revision": rules.revision}
        record(Event.RULES_NOT_LOADED, by=None, tenant=tenant, obj="rules:in_force", facts=facts)
        for role in (Role.ADMIN, Role.SECURITY):
            notify(
                kind=Kind.RULES_NOT_LOADED,
                key=f"rules-not-loaded:{rules.revision}:{role.value}:{span}",
                tenant=tenant,
                role=role,
                path="/policy/rules/",
            )


def _told(decision: Decision) -> bool:
    """Whether an alarm of the last minutes has been committed."""
    key = f"policy:alarm:{decision.tenant}"
    try:
        if cache.get(key):
            return True
        transaction.on_commit(lambda: cache.set(key, 1, EVERY.total_seconds()), robust=True)
    except redis.RedisError:
        logger.warning("alarms are not counted: Redis is away")
    return False
