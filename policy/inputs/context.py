"""What is acted on, and what is around the action: approvals, exceptions, rules of access, the session."""

from dataclasses import dataclass, field, fields

from policy.inputs.app import AppFacts
from policy.inputs.facts import Document, Facts, Subject, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts(Facts):
    """The call of a connector that is asked for: `access` is what it is going to do, "read" or "write",
    `scope` the one thing outside that it touches ("" where the connector knows no such things)."""

    connector: str
    operation: str
    access: str
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Facts):
    """What is acted on. `fields` names those that are read, shown, exported or sent; None means all.

    A call of a connector that sends values of a record names the dataset, one that sends none does not.
    """

    tenant: str
    app: AppFacts | None = None
    dataset: str | None = None
    fields: frozenset[str] | None = field(default=None, metadata={"keep_empty": True})
    call: CallFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Facts):
    """A step that a person granted for exactly what is decided now (the caller compares digests)."""

    role: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionFacts(Facts):
    """An exception in force for this app and dataset: `rule` is the code that it excepts from (P6).

    policy/exceptions.py chooses those that apply. `jurisdiction` is the law that a transfer may go to;
    `override` marks what an admin set aside for some hours.
    """

    id: str
    rule: str
    jurisdiction: str = ""
    override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts(Facts):
    """When it is, as hours and days are written: `day` is "mon" to "sun", `minute` that of the day."""

    day: str
    minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRuleFacts(Facts):
    """A rule of the tenant on how a person proves himself; chosen by policy/conditions.py because it applies.

    `strong` asks for one of the contexts in `acr` (best first; none there, and nobody meets it), `amr` for
    one of these methods, `networks` for one of these. `max_risk` is 0 low, 1 medium, 2 high. `step_up`: a
    sign-in that is too weak or too old is cured by a new one, and not refused.
    """

    id: str
    name: str
    strong: bool = False
    acr: tuple[str, ...] = ()
    amr: frozenset[str] = frozenset()
    max_age_minutes: int | None = None
    device: bool = False
    networks: frozenset[str] = frozenset()
    max_risk: int | None = None
    step_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts(Facts):
    """What the person at the edge shows, as far as the chosen rules ask; what is missing meets nothing.

    `acr` and `amr` are the provider's words (OpenID Connect Core 1.0, section 2; RFC 8176). `device` is
    "compliant", "not_compliant" or "unknown". `break_glass` is a session that was opened from the server's
    shell because no provider could: it shows nothing that a provider would have to say.
    """

    acr: str = ""
    amr: frozenset[str] = frozenset()
    age_minutes: int | None = None
    device: str = ""
    networks: frozenset[str] = frozenset()
    risk: int | None = None
    break_glass: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdFacts(Facts):
    """The tenant's own levels, where they are not those that the rules take by themselves.

    From `protected_level` on a value is protected, from `high_level` on it asks for more care, and from
    `credential_level` on it is never shown again (library/facts.rego).
    """

    protected_level: int | None = None
    high_level: int | None = None
    credential_level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Facts):
    """Around the action: where data goes, whether values are asked in clear, what was approved.

    `requester` is who asked for what was approved; without it the subject is taken. `unattended` says that
    the subject need not be there, and so is asked for nothing. `clock`, `calls_last_hour` (of the operation
    at hand, by everybody) and `ticket` (one was named) are for calls of connectors: what is not known meets
    no limit. `thresholds` are the tenant's own (policy/thresholds.py); without them the usual ones hold.
    """

    target: Target | None = None
    raw: bool = False
    requester: str | None = None
    approvals: tuple[Approval, ...] = ()
    access_rules: tuple[AccessRuleFacts, ...] = ()
    session: SessionFacts | None = None
    unattended: bool = False
    exceptions: tuple[ExceptionFacts, ...] = ()
    clock: ClockFacts | None = None
    calls_last_hour: int | None = None
    ticket: bool = False
    thresholds: ThresholdFacts | None = None


# What the rules compare by size. A document in which one of these is no number is decided by no engine.
NUMBERS = frozenset(
    fact.name
    for kind in Facts.__subclasses__()
    for fact in fields(kind)  # type: ignore[arg-type]  # every subclass is a dataclass
    if fact.type in (int, int | None)
)


def to_document(subject: Subject, action: str, resource: Resource, context: Context) -> Document:
    """The canonical input of one decision, as the rules see it at `input`."""
    return {
        "action": str(action),
        "subject": subject.to_document(),
        "resource": resource.to_document(),
        "context": {"requester": subject.id} | context.to_document(),
    }


# well-formed and about nothing: whether an engine answers at all
PROBE = to_document(Subject(id="probe", tenant="probe"), "probe", Resource(tenant="probe"), Context())
