"""How far two engines decide alike on generated inputs (P3). Pure Python."""

import copy
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from policy.checks.generate import Inputs
from policy.engines.base import Engine, EngineFault
from policy.inputs import Document
from policy.outcome import Outcome, parse

CALLERS = 4
AT_ONCE = 500  # inputs at hand, so that a long run needs no more memory than a short one

OTHER_KINDS: tuple[object, ...] = (None, 7, True, "x", [], {}, [[]], {"a": [1]})


@dataclass
class Tally:
    """What came out, OPA being the authority. `first` is the first input on which both differ."""

    number: int = 0
    agreed: int = 0
    false_allows: int = 0
    false_denies: int = 0
    denied: int = 0
    unanswered: int = 0
    first: tuple[Document, Outcome | None, Outcome | None] | None = None
    allowed_by_action: dict[str, int] = field(default_factory=dict)

    def add(self, document: Document, theirs: Outcome | None, ours: Outcome | None) -> None:
        """Count one input; None is no answer, which denies."""
        allowed = theirs is not None and theirs.allow
        mistaken = ours is not None and ours.allow
        self.number += 1
        self.agreed += theirs == ours
        self.false_allows += mistaken and not allowed
        self.false_denies += allowed and not mistaken
        self.denied += not allowed
        self.unanswered += theirs is None
        if allowed:
            action = document["action"]
            self.allowed_by_action[action] = self.allowed_by_action.get(action, 0) + 1
        if theirs != ours and self.first is None:
            self.first = (document, theirs, ours)


def generated(seed: int, number: int) -> Iterator[Document]:
    """Inputs as they come in life (generate.py)."""
    source = Inputs(seed)
    return (source.next() for _ in range(number))


def of_another_kind(documents: Iterable[Document]) -> Iterator[Document]:
    """Each member of each document in turn as something that it cannot be; alike members of lists once."""
    seen = set()
    for document in documents:
        for path in _paths(document):
            name = (str(document.get("action")), *("*" if isinstance(step, int) else step for step in path))
            if name not in seen:
                seen.add(name)
                yield from (_with(document, path, value) for value in OTHER_KINDS)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield (*path, step)
        yield from _paths(item, (*path, step))


def _with(document: Document, path: tuple[str | int, ...], value: object) -> Document:
    made = copy.deepcopy(document)
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return made


def compare(
    authority: Engine,
    embedded: Engine,
    documents: Iterable[Document],
    *,
    told: Callable[[Tally], None] | None = None,
) -> Tally:
    """Both engines on the same inputs; `told` hears how it goes."""
    tally, waiting = Tally(), iter(documents)

    def both(document: Document) -> tuple[Document, Outcome | None, Outcome | None]:
        return document, answer(authority, document), answer(embedded, document)

    with ThreadPoolExecutor(CALLERS) as pool:
        while portion := list(islice(waiting, AT_ONCE)):
            for document, theirs, ours in pool.map(both, portion):
                tally.add(document, theirs, ours)
            if told:
                told(tally)
    return tally


def answer(engine: Engine, document: Document) -> Outcome | None:
    """The outcome; or that there is none, which denies whatever the cause."""
    try:
        return parse(engine.evaluate(document))
    except EngineFault:
        return None
