"""The frozen facts that a decision is made on. Pure Python: CI uses it without Django or a database.

Facts describe, rules judge: nothing here says what is right. No fact holds a value that a person typed
into a record, so that an input may be stored, shown and replayed. Sets become sorted lists; what is false,
empty or unknown is left out, so that equal facts make equal and small documents: in the rules a missing
fact reads as "no". Rules compare strings for equality alone: a hostile name can be shown, never understood.
"""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

ENTRY_POINT = "portal/main/decision"

Document = dict[str, Any]


class Action(StrEnum):
    """What can be asked for. The library denies every other word."""

    APP_SUBMIT = "app.submit"
    APP_GO_LIVE = "app.go_live"
    RECORD_CREATE = "record.create"
    RECORD_LIST = "record.list"
    RECORD_READ = "record.read"
    RECORD_UPDATE = "record.update"
    RECORD_DELETE = "record.delete"
    VALUE_REVEAL = "value.reveal"
    RECORD_EXPORT = "record.export"
    DASHBOARD_VIEW = "dashboard.view"
    DATASET_IMPORT = "dataset.import"
    ADMIN_OVERRIDE = "admin.override"
    ADMIN_USE = "admin.use"
    APPROVAL_VOTE = "approval.vote"
    CONNECTOR_CALL = "connector.call"


# What changes something, or lets data out: recorded also when allowed.
WRITES = frozenset(
    {
        Action.APP_SUBMIT,
        Action.APP_GO_LIVE,
        Action.RECORD_CREATE,
        Action.RECORD_UPDATE,
        Action.RECORD_DELETE,
        Action.VALUE_REVEAL,
        Action.RECORD_EXPORT,
        Action.DATASET_IMPORT,
        Action.ADMIN_OVERRIDE,
        Action.APPROVAL_VOTE,
        Action.CONNECTOR_CALL,
    }
)


class _Facts:
    """What every kind of facts can do."""

    __slots__ = ()

    def to_document(self) -> Document:
        """The JSON-able form: sets as sorted lists; what is false, empty or unknown is left out."""
        return {
            fact.name: _plain(value)
            for fact in fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
            if (value := getattr(self, fact.name)) or type(value) is int or fact.metadata.get("keep_empty")
            if value is not None
        }


def _plain(value: object) -> object:
    if isinstance(value, _Facts):
        return value.to_document()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(_Facts):
    """A place where data lies or goes: `jurisdiction` is the law over it ("eu"), in lower case."""

    region: str
    jurisdiction: str
    provider: str = ""
    sovereign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(_Facts):
    """Who asks. Ids are the directory's; `roles` are portal roles, `groups` the provider's group names."""

    id: str
    tenant: str
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts(_Facts):
    """One field and its tags.

    `classification` is "" while untagged or unknown to the tenant's schema, which also gives `level`
    (0 public … 5 credential), `personal` and the bounds of retention in days. `residency` is where its
    values must lie. `suggested` is what detection proposes; `downgrade_explained` says that the builder
    gave a reason for tagging lower (the text itself is evidence for the reviewer, not a fact).
    """

    id: str
    classification: str = ""
    level: int = 0
    personal: bool = False
    residency: Target | None = None
    retention_days: int | None = None
    retention_min_days: int | None = None
    retention_max_days: int | None = None
    suggested: str = ""
    suggested_level: int = 0
    downgrade_explained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFacts(_Facts):
    """One dataset of an app and the one region that stores it."""

    key: str
    storage: Target
    fields: tuple[FieldFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFacts(_Facts):
    """An operation of a connector as the app declares it, and what holds whoever calls it (X2, G1).

    `access` is "read" or "write", `allowed_access` the template's word for it. `roles` are the app roles
    that may call it (none named: all that may call connectors), `per_hour` the most calls in any hour.
    Minutes are those of the day: from the first on, until before the last, past midnight where the last is
    the smaller. `days` are "mon" to "sun". `step_up` and `ticket` ask for a second factor and a ticket.
    """

    name: str
    access: str = ""
    allowed_access: str = ""
    roles: frozenset[str] = frozenset()
    per_hour: int | None = None
    from_minute: int | None = None
    until_minute: int | None = None
    days: frozenset[str] = frozenset()
    step_up: bool = False
    ticket: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorFacts(_Facts):
    """A connector that the app uses: the operations it names, and those its template allows.

    `region` is where the system outside lies, None where nobody knows; `details` describe each operation
    once. `scope` names what the app may touch there, `allowed_scope` what its template lets it touch.
    """

    id: str
    operations: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    region: Target | None = None
    details: tuple[OperationFacts, ...] = ()
    scope: frozenset[str] = frozenset()
    allowed_scope: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRoleFacts(_Facts):
    """A role inside the app: members of `groups` may do `permissions` (the runtime actions' names)."""

    key: str
    groups: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFacts(_Facts):
    """An app as its manifest says.

    At run time only the dataset at hand needs to be in `datasets`: a smaller input is decided faster.
    `state` is "draft", "test", "live" or another that serves nobody; `template_approved` is true for an
    app made from a published template whose locked parts are untouched; `credential_paths` are the places
    in the manifest that look like credentials (policy/credentials.py); `byok` says that its values are
    encrypted under a key that the tenant brought (S4).
    """

    id: str
    tenant: str
    state: str
    owners: frozenset[str] = frozenset()
    hosting: Target
    template_approved: bool = False
    identity_provider: str = ""
    identity_groups: frozenset[str] = frozenset()
    datasets: tuple[DatasetFacts, ...] = ()
    connectors: tuple[ConnectorFacts, ...] = ()
    roles: tuple[AppRoleFacts, ...] = ()
    credential_paths: frozenset[str] = frozenset()
    byok: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts(_Facts):
    """The call of a connector that is asked for: `access` is what it is going to do, "read" or "write",
    `scope` the one thing outside that it touches ("" where the connector knows no such things)."""

    connector: str
    operation: str
    access: str
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(_Facts):
    """What is acted on. `fields` names those that are read, shown, exported or sent; None means all.

    A call of a connector that sends values of a record names the dataset, one that sends none does not.
    """

    tenant: str
    app: AppFacts | None = None
    dataset: str | None = None
    fields: frozenset[str] | None = field(default=None, metadata={"keep_empty": True})
    call: CallFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(_Facts):
    """A step that a person granted for exactly what is decided now (the caller compares digests)."""

    role: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionFacts(_Facts):
    """An exception in force for this app and dataset: `rule` is the code that it excepts from (P6).

    policy/exceptions.py chooses those that apply. `jurisdiction` is the law that a transfer may go to.
    """

    id: str
    rule: str
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts(_Facts):
    """When it is, as hours and days are written: `day` is "mon" to "sun", `minute` that of the day."""

    day: str
    minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRuleFacts(_Facts):
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
class SessionFacts(_Facts):
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
class Context(_Facts):
    """Around the action: where data goes, whether values are asked in clear, what was approved.

    `requester` is who asked for what was approved; without it the subject is taken. `unattended` says that
    the subject need not be there, and so is asked for nothing. `clock`, `calls_last_hour` (of the operation
    at hand, by everybody) and `ticket` (one was named) are for calls of connectors: what is not known meets
    no limit.
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


# What the rules compare by size. A document in which one of these is no number is decided by no engine.
NUMBERS = frozenset(
    fact.name
    for kind in _Facts.__subclasses__()
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
