"""Where the work at hand comes from: set at the edges (web, task, SCIM, shell), read by record() and logs."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """The edge through which an action entered the portal."""

    WEB = "web"
    API = "api"
    SCIM = "scim"
    TASK = "task"
    SHELL = "shell"


@dataclass(frozen=True)
class Source:
    """The request, task or command that is being carried out."""

    origin: Origin
    request: str


_source: ContextVar[Source | None] = ContextVar("ledger_source", default=None)


def current_source() -> Source:
    """The source set by the nearest edge; work that no edge opened counts as shell work."""
    return _source.get() or Source(Origin.SHELL, "-")


@contextmanager
def source(origin: Origin, request: str | None = None) -> Iterator[Source]:
    """Everything recorded or logged inside carries this origin and request id."""
    opened = Source(origin, request or uuid.uuid4().hex)
    token = _source.set(opened)
    try:
        yield opened
    finally:
        _source.reset(token)
