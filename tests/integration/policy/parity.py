"""How far the embedded engine and an OPA server decide alike on generated inputs (P3)."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from policy.engines.base import EngineFault
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine
from policy.inputs import Document
from policy.outcome import Outcome, parse
from policy.rulebook import shipped
from tests.integration.policy.generate import Inputs

CALLERS = 4
AT_ONCE = 500  # inputs at hand, so that a long run needs no more memory than a short one


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


def compare(url: str, *, seed: int, number: int, told: Callable[[Tally], None] | None = None) -> Tally:
    """Both engines on the same `number` inputs; `told` hears how it goes."""
    embedded = EmbeddedEngine(shipped(), seconds=20)
    opa = OpaEngine(url, shipped().revision, seconds=20)
    source, tally = Inputs(seed), Tally()

    def both(document: Document) -> tuple[Document, Outcome | None, Outcome | None]:
        return document, answer(opa, document), answer(embedded, document)

    try:
        with ThreadPoolExecutor(CALLERS) as pool:
            for portion in _portions(number):
                for document, theirs, ours in pool.map(both, [source.next() for _ in portion]):
                    tally.add(document, theirs, ours)
                if told:
                    told(tally)
    finally:
        embedded.close()
        opa.close()
    return tally


def _portions(number: int) -> Iterable[range]:
    return (range(start, min(start + AT_ONCE, number)) for start in range(0, number, AT_ONCE))


def answer(engine: EmbeddedEngine | OpaEngine, document: Document) -> Outcome | None:
    """The outcome; or that there is none, which denies whatever the cause."""
    try:
        return parse(engine.evaluate(document))
    except EngineFault:
        return None
