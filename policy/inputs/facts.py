"""What every kind of facts can do; actions, places and people."""

from dataclasses import dataclass, fields
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
    SUBJECT_ACCESS = "subject.access"
    SUBJECT_ERASE = "subject.erase"


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
        Action.SUBJECT_ACCESS,
        Action.SUBJECT_ERASE,
    }
)


class Facts:
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
    if isinstance(value, Facts):
        return value.to_document()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Facts):
    """A place where data lies or goes: `jurisdiction` is the law over it ("eu"), in lower case."""

    region: str
    jurisdiction: str
    provider: str = ""
    sovereign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(Facts):
    """Who asks. Ids are the directory's; `roles` are portal roles, `groups` the provider's group names."""

    id: str
    tenant: str
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    active: bool = True
