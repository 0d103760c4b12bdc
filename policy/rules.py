"""A tenant's access rules, exceptions and thresholds as values, and what holds where it has none of its own.

They are kept in the process by the revision that the tenant's row names: the row comes with the person of
each request, so that a change counts at the next request and costs no query until then.
"""

import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from threading import Lock

from identity.address import Address
from identity.models import Risk, Tenant
from identity.tenancy import current_tenant, tenant_scope
from policy.inputs import AccessRuleFacts, Action, ExceptionFacts, FieldFacts, Resource, Subject
from policy.models import AccessRule, Network, PolicyException, ThresholdSet
from policy.states import ExceptionState
from policy.thresholds import BOUNDS, Thresholds
from policy.thresholds import DEFAULTS as DEFAULT_THRESHOLDS

RISKS = {Risk.LOW: 0, Risk.MEDIUM: 1, Risk.HIGH: 2}
KEPT = 500


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule; the fields mean what those of AccessRule mean, `networks` are names."""

    id: str
    name: str
    actions: frozenset[str] = frozenset()
    apps: frozenset[str] = frozenset()
    classifications: frozenset[str] = frozenset()
    min_level: int | None = None
    personal: bool = False
    raw_only: bool = False
    second_factor: bool = False
    acr: tuple[str, ...] = ()
    amr: frozenset[str] = frozenset()
    max_age_minutes: int | None = None
    device: bool = False
    networks: frozenset[str] = frozenset()
    max_risk: str = ""
    step_up: bool = True

    def touches(self, action: str, app: str, touched: Iterable[FieldFacts], *, raw: bool) -> bool:
        """Whether it applies to `action` on these fields of `app` ("" for none)."""
        if self.actions and action not in self.actions:
            return False
        if self.apps and app not in self.apps:
            return False
        if self.raw_only and not raw:
            return False
        if not self.classifications and self.min_level is None and not self.personal:
            return True
        return any(self._about(field) for field in touched)

    def _about(self, field: FieldFacts) -> bool:
        """A field whose class nobody knows is meant by every rule about data."""
        if not field.classification or field.classification in self.classifications:
            return True
        return (self.personal and field.personal) or (
            self.min_level is not None and field.level >= self.min_level
        )

    def facts(self, step_up_acr: tuple[str, ...]) -> AccessRuleFacts:
        """For the rules in Rego; a second factor becomes the contexts that count as one (none: never met)."""
        return AccessRuleFacts(
            id=self.id,
            name=self.name,
            strong=self.second_factor or bool(self.acr),
            acr=self.acr or (step_up_acr if self.second_factor else ()),
            amr=self.amr,
            max_age_minutes=self.max_age_minutes,
            device=self.device,
            networks=self.networks,
            max_risk=RISKS[Risk(self.max_risk)] if self.max_risk else None,
            step_up=self.step_up,
        )


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception or override: `rule` is a code, `until` is in epoch seconds; of what limits its reach, what
    is empty means any."""

    facts: ExceptionFacts
    app: str
    dataset: str
    region: str
    person: str
    action: str
    until: float

    @property
    def current(self) -> bool:
        """Whether its time is not over."""
        return time.time() < self.until

    def covers(self, subject: Subject, action: str, resource: Resource, region: str) -> bool:
        """Whether it is about this question, and its time is not over."""
        return (
            resource.app is not None
            and resource.app.id == self.app
            and self.dataset in {"", resource.dataset or ""}
            and self.region in {"", region}
            and self.person in {"", subject.id}
            and self.action in {"", action}
            and self.current
        )


@dataclass(frozen=True)
class Rules:
    """What holds in a tenant; `networks` are its blocks by name."""

    revision: uuid.UUID | None
    rules: tuple[Rule, ...]
    networks: tuple[tuple[str, tuple[IPv4Network | IPv6Network, ...]], ...] = ()
    waivers: tuple[Waiver, ...] = ()
    thresholds: Thresholds = DEFAULT_THRESHOLDS

    def networks_of(self, address: Address | None) -> frozenset[str]:
        """The named networks that `address` is in; none for an address that is not known."""
        if address is None:
            return frozenset()
        return frozenset(name for name, blocks in self.networks if any(address in block for block in blocks))


# Holds everywhere and cannot be switched off: Django admin opens after a second factor within the hour.
FLOOR = (
    Rule(
        id="built-in:admin",
        name="Django admin",
        actions=frozenset({Action.ADMIN_USE}),
        second_factor=True,
        max_age_minutes=60,
    ),
)
# What a tenant begins with (policy/services/access.py writes it out as rows), and what holds until then.
DEFAULTS = (
    Rule(
        id="default:reveal",
        name="Values of a high class in clear",
        actions=frozenset({Action.VALUE_REVEAL}),
        min_level=4,
        second_factor=True,
        max_age_minutes=15,
    ),
    Rule(
        id="default:raw-export",
        name="Exports of protected values in clear",
        actions=frozenset({Action.RECORD_EXPORT}),
        min_level=3,
        personal=True,
        raw_only=True,
        second_factor=True,
        max_age_minutes=15,
    ),
    Rule(
        id="default:override",
        name="Overrides by admins",
        actions=frozenset({Action.ADMIN_OVERRIDE}),
        second_factor=True,
        max_age_minutes=15,
    ),
    Rule(
        id="default:subject",
        name="Access and erasure for data subjects",
        actions=frozenset({Action.SUBJECT_ACCESS, Action.SUBJECT_ERASE}),
        second_factor=True,
        max_age_minutes=15,
    ),
)


def of_operation(resource: Resource, minutes: int) -> tuple[Rule, ...]:
    """The rule that an operation's own guardrails make: a second factor, no older than `minutes` (X2)."""
    call = resource.call
    if call is None or resource.app is None:
        return ()
    details = [
        detail
        for connector in resource.app.connectors
        if connector.id == call.connector
        for detail in connector.details
        if detail.name == call.operation
    ]
    if not any(detail.step_up for detail in details):
        return ()
    name = f"operation:{call.connector}:{call.operation}"
    rule = Rule(id=name, name="Sensitive operations", second_factor=True, max_age_minutes=minutes)
    return (rule,)


_kept: OrderedDict[uuid.UUID, Rules] = OrderedDict()
_lock = Lock()


def rules_of(tenant: uuid.UUID, revision: uuid.UUID | None) -> Rules:
    """The enabled rules of `tenant` under the `revision` that its row had when the request began.

    What is read is kept under the revision that it was read with, and only where both agree: a change that
    is still being made, or that is rolled back, leaves nothing behind.
    """
    if revision is None:
        return Rules(None, DEFAULTS)
    found = _kept.get(tenant)
    if found is not None and found.revision == revision:
        return found
    if current_tenant() != tenant:
        with tenant_scope(tenant):
            return _read(tenant)
    return _read(tenant)


def revision_of(tenant: uuid.UUID) -> uuid.UUID | None:
    """The revision as the tenant's row has it now, for work that no request began."""
    return Tenant.objects.filter(pk=tenant).values_list("access_revision", flat=True).first()


def _read(tenant: uuid.UUID) -> Rules:
    before = revision_of(tenant)
    names = {str(row.pk): row for row in Network.objects.all()}
    rows = AccessRule.objects.filter(is_enabled=True)
    rules = tuple(rule_of(row, {key: row.name for key, row in names.items()}) for row in rows)
    networks = tuple((row.name, tuple(map(ip_network, row.blocks))) for row in names.values())
    waivers = tuple(map(waiver_of, PolicyException.objects.filter(state=ExceptionState.ACTIVE)))
    made = Rules(before, rules, networks, waivers, thresholds_of(ThresholdSet.objects.first()))
    if revision_of(tenant) == before:
        with _lock:
            _kept[tenant] = made
            _kept.move_to_end(tenant)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return made


def rule_of(row: AccessRule, names: dict[str, str]) -> Rule:
    """The row as a value; `names` are those of networks by id. A network that is gone matches nobody."""
    return Rule(
        id=str(row.pk),
        name=row.name,
        actions=frozenset(row.actions),
        apps=frozenset(row.apps),
        classifications=frozenset(row.classifications),
        min_level=row.min_level,
        personal=row.personal,
        raw_only=row.raw_only,
        second_factor=row.second_factor,
        acr=tuple(row.acr.split()),
        amr=frozenset(row.amr.split()),
        max_age_minutes=row.max_age_minutes,
        device=row.device,
        networks=frozenset(names.get(one, one) for one in row.networks),
        max_risk=row.max_risk,
        step_up=row.effect == AccessRule.Effect.STEP_UP,
    )


def waiver_of(row: PolicyException) -> Waiver:
    """The row as a value."""
    return Waiver(
        facts=ExceptionFacts(
            id=str(row.pk), rule=row.rule, jurisdiction=row.jurisdiction, override=row.is_override
        ),
        app=str(row.app),
        dataset=row.dataset,
        region=row.region,
        person=str(row.person_id or ""),
        action=row.action,
        until=row.expires_at.timestamp(),
    )


def thresholds_of(row: ThresholdSet | None) -> Thresholds:
    """The row as a value; what holds without one."""
    if row is None:
        return DEFAULT_THRESHOLDS
    return Thresholds(**{name: getattr(row, name) for name in BOUNDS})
