"""The operations of a bulk request, and the order that their references to each other ask for."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scim2_models import ConflictException, InvalidSyntaxException, InvalidValueException

from identity.scim.payload import member

METHODS = {"POST", "PUT", "PATCH", "DELETE"}
PREFIX = "bulkId:"


@dataclass(frozen=True)
class Operation:
    """One operation (RFC 7644, 3.7); what it lacks is told when its turn comes, in check()."""

    index: int
    method: str
    bulk_id: str
    path: str
    version: str | None
    data: Any

    @property
    def endpoint(self) -> str:
        """The first part of the path."""
        return self.path.strip("/").partition("/")[0]

    @property
    def target(self) -> str:
        """The id in the path; empty where there is none."""
        return self.path.strip("/").partition("/")[2]

    @property
    def references(self) -> set[str]:
        """The bulkIds that its data and path refer to."""
        return set(_references([self.data, self.target]))

    def check(self) -> None:
        """Whether it has what its method needs.

        Raises:
            InvalidSyntaxException, InvalidValueException: it has not.
        """
        if self.method not in METHODS:
            raise InvalidSyntaxException(detail="The method is none of POST, PUT, PATCH and DELETE.")
        if self.method == "POST" and not self.bulk_id:
            raise InvalidValueException(detail="A POST needs a bulkId.")
        if (self.method == "POST") == bool(self.target):
            raise InvalidValueException(detail="POST takes a resource's endpoint, the others its address.")
        if self.method != "DELETE" and not isinstance(self.data, dict):
            raise InvalidSyntaxException(detail="The operation has no data.")


def operations(sent: Any) -> list[Operation]:
    """The operations of a request.

    Raises:
        InvalidSyntaxException: they are no list of objects, or two have one bulkId.
    """
    if not isinstance(sent, list) or not sent or not all(isinstance(item, dict) for item in sent):
        raise InvalidSyntaxException(detail="Operations is a list of one operation or more.")
    made = [_operation(index, item) for index, item in enumerate(sent)]
    ids = [operation.bulk_id for operation in made if operation.bulk_id]
    if len(ids) != len(set(ids)):
        raise InvalidSyntaxException(detail="Two operations have the same bulkId.")
    return made


class Plan:
    """Yields each operation after those that make what it refers to, else in the order of the request.

    Where operations refer to each other in a circle, one is done without the references that cannot be
    resolved yet, and once more with them when all are made (RFC 7644, 3.7.1).
    """

    def __init__(self, sent: list[Operation]) -> None:
        self.sent = sent
        self.ids: dict[str, str] = {}
        self.makers = {item.bulk_id: item.index for item in sent if item.method == "POST" and item.bulk_id}
        self.broken: set[str] = set()
        self.partly: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        waits: dict[int, set[int]] = {}
        waited: dict[int, list[int]] = {}
        for item in self.sent:
            before = {self.makers[name] for name in item.references if name in self.makers} - {item.index}
            waits[item.index] = before
            for index in before:
                waited.setdefault(index, []).append(item.index)
        ready = [index for index, before in waits.items() if not before]
        while waits:
            index = heapq.heappop(ready) if ready else min(waits, key=self._makes_first)
            waits.pop(index)
            yield self.sent[index]
            for later in waited.get(index, []):
                if later in waits:
                    waits[later].discard(index)
                    if not waits[later]:
                        heapq.heappush(ready, later)

    def unfinished(self) -> list[Operation]:
        """Those that were done without some of their references."""
        return [item for item in self.partly if item.bulk_id not in self.broken]

    def made(self, operation: Operation, pk: str) -> None:
        """What `operation` made has the id `pk`."""
        self.ids[operation.bulk_id] = pk

    def failed(self, operation: Operation) -> None:
        """What refers to it cannot be done either."""
        self.broken.add(operation.bulk_id)

    def target(self, operation: Operation) -> str:
        """The id of the resource that the path leads to."""
        return str(self._filled(operation.target))

    def resolved(self, operation: Operation) -> Any:
        """Its data with ids in the place of references.

        Raises:
            InvalidValueException: it refers to no operation of this request.
            ConflictException: what it refers to could not be made.
        """
        names = operation.references
        if names - self.makers.keys():
            raise InvalidValueException(detail="A bulkId is referred to that no operation has.")
        if names & self.broken:
            raise ConflictException(detail="What the operation refers to could not be made.")
        open_ones = names - self.ids.keys()
        data = operation.data
        if open_ones:
            self.partly.append(operation)
            data = _without(data, {f"{PREFIX}{name}" for name in open_ones})
        return self._filled(data)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(PREFIX):
            return self.ids.get(value.removeprefix(PREFIX), value)
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        return value

    def _makes_first(self, index: int) -> tuple[bool, int]:
        """Of a circle, the first that makes something: what changes can wait."""
        return self.sent[index].method != "POST", index


def _operation(index: int, item: dict[str, Any]) -> Operation:
    texts = {name: member(item, name) for name in ("method", "bulkId", "path", "version")}
    if any(value is not None and not isinstance(value, str) for value in texts.values()):
        raise InvalidSyntaxException(detail="method, bulkId, path and version are texts.")
    return Operation(
        index=index,
        method=(texts["method"] or "").upper(),
        bulk_id=texts["bulkId"] or "",
        path=texts["path"] or "",
        version=texts["version"],
        data=member(item, "data"),
    )


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(PREFIX):
            yield value.removeprefix(PREFIX)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _references(item)


def _without(value: Any, texts: set[str]) -> Any:
    """`value` without the entries and attributes that hold one of `texts`."""
    if isinstance(value, list):
        return [_without(item, texts) for item in value if not _is_one(item, texts)]
    if isinstance(value, dict):
        return {key: _without(item, texts) for key, item in value.items() if not _is_one(item, texts)}
    return value


def _is_one(value: Any, texts: set[str]) -> bool:
    """A reference itself, or an object whose `value` it is: a member, a manager."""
    if isinstance(value, dict):
        return member(value, "value") in texts if isinstance(member(value, "value"), str) else False
    return isinstance(value, str) and value in texts
