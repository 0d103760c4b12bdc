"""An app as its manifest says: fields with their tags, datasets, connectors, roles."""

from dataclasses import dataclass

from policy.inputs.facts import Facts, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts(Facts):
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
class DatasetFacts(Facts):
    """One dataset of an app and the one region that stores it."""

    key: str
    storage: Target
    fields: tuple[FieldFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFacts(Facts):
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
class ConnectorFacts(Facts):
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
class AppRoleFacts(Facts):
    """A role inside the app: members of `groups` may do `permissions` (the runtime actions' names)."""

    key: str
    groups: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFacts(Facts):
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
