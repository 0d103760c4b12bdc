"""Every write of access rules and networks: each gives the rules a new revision and records itself."""

import ipaddress
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict
from identity.models import Tenant
from identity.services import new_access_revision
from ledger.events import Event
from ledger.log import Actor, record
from policy.models import AccessRule, Network
from policy.rules import DEFAULTS, revision_of

MOST_RULES = 200
_DEMANDS = ("second_factor", "acr", "amr", "max_age_minutes", "device", "networks", "max_risk")
_TOLD = (
    "is_enabled",
    "actions",
    "apps",
    "classifications",
    "min_level",
    "personal",
    "raw_only",
    *_DEMANDS,
    "effect",
)


@transaction.atomic
def seed_access_rules(*, by: Actor | None, tenant: uuid.UUID) -> bool:
    """Write the rules that a tenant begins with; once, so that what an admin takes away stays away."""
    Tenant.objects.select_for_update().get(pk=tenant)
    if revision_of(tenant) is not None:
        return False
    for rule in DEFAULTS:
        AccessRule.objects.create(
            tenant_id=tenant,
            name=rule.name,
            actions=sorted(rule.actions),
            min_level=rule.min_level,
            personal=rule.personal,
            raw_only=rule.raw_only,
            second_factor=rule.second_factor,
            max_age_minutes=rule.max_age_minutes,
        )
    new_access_revision(tenant=tenant)
    record(Event.ACCESS_RULES_SEEDED, by=by, tenant=tenant, facts={"count": len(DEFAULTS)})
    return True


@transaction.atomic
def save_access_rule(*, by: Actor, rule: AccessRule) -> AccessRule:
    """Store a new or changed rule; it counts from everybody's next request on.

    Raises:
        BadInput: it demands nothing, names a network that is not there, or the tenant has too many rules.
    """
    seed_access_rules(by=by, tenant=by.tenant_id)
    rule.tenant_id = by.tenant_id
    check_rule(rule)
    if AccessRule.objects.exclude(pk=rule.pk).count() >= MOST_RULES:
        raise BadInput(_("There are %(count)d rules already. Remove one first.") % {"count": MOST_RULES})
    rule.save()
    new_access_revision(tenant=by.tenant_id)
    facts = {name: getattr(rule, name) for name in _TOLD if getattr(rule, name) not in (None, "", [], False)}
    record(Event.ACCESS_RULE_SAVED, by=by, obj=f"accessrule:{rule.pk}", facts={"name": rule.name, **facts})
    return rule


@transaction.atomic
def remove_access_rule(*, by: Actor, rule: AccessRule) -> None:
    """Take a rule away."""
    seed_access_rules(by=by, tenant=by.tenant_id)
    record(Event.ACCESS_RULE_REMOVED, by=by, obj=f"accessrule:{rule.pk}", facts={"name": rule.name})
    rule.delete()
    new_access_revision(tenant=by.tenant_id)


@transaction.atomic
def save_network(*, by: Actor, network: Network) -> Network:
    """Store a new or changed network.

    Raises:
        BadInput: a block is none, or there are none.
    """
    seed_access_rules(by=by, tenant=by.tenant_id)
    network.tenant_id = by.tenant_id
    network.blocks = blocks_of("\n".join(network.blocks))
    network.save()
    new_access_revision(tenant=by.tenant_id)
    facts = {"name": network.name, "blocks": network.blocks}
    record(Event.NETWORK_SAVED, by=by, obj=f"network:{network.pk}", facts=facts)
    return network


@transaction.atomic
def remove_network(*, by: Actor, network: Network) -> None:
    """Take a network away.

    Raises:
        Conflict: a rule names it.
    """
    users = AccessRule.objects.filter(networks__contains=[str(network.pk)]).values_list("name", flat=True)
    if names := ", ".join(users):
        raise Conflict(_("These rules name the network: %(rules)s. Change them first.") % {"rules": names})
    record(Event.NETWORK_REMOVED, by=by, obj=f"network:{network.pk}", facts={"name": network.name})
    network.delete()
    new_access_revision(tenant=by.tenant_id)


def check_rule(rule: AccessRule) -> None:
    """Raises:
    BadInput: the rule can mean nothing.
    """
    try:
        rule.clean_fields(exclude=["tenant"])
    except ValidationError as error:
        raise BadInput(" ".join(error.messages)) from error
    if not any(getattr(rule, name) for name in _DEMANDS):
        raise BadInput(_("The rule demands nothing. Choose at least one demand."))
    known: set[Any] = {str(pk) for pk in Network.objects.values_list("pk", flat=True)}
    if set(rule.networks) - known:
        raise BadInput(_("One of the networks is not there any more."))


def blocks_of(text: str) -> list[str]:
    """The CIDR blocks in `text`, one a line or by commas, in their usual form.

    Raises:
        BadInput: one of them is none, or there are none or more than 1,000.
    """
    found = []
    for word in text.replace(",", "\n").split():
        try:
            found.append(str(ipaddress.ip_network(word)))
        except ValueError as error:
            text = _("“%(block)s” is no address block. Write it like 192.0.2.0/24 or 2001:db8::/32.")
            raise BadInput(text % {"block": word[:60]}) from error
    if not 0 < len(found) <= 1000:
        raise BadInput(_("Name between one and 1,000 address blocks."))
    return list(dict.fromkeys(found))
