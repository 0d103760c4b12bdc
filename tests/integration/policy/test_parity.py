"""The embedded engine and a real OPA server decide alike (P3)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from policy.engines.base import EngineFault
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine
from policy.inputs import Document
from policy.outcome import Outcome, parse
from policy.rulebook import shipped
from tests.integration.policy.conftest import OpaServer
from tests.integration.policy.generate import Inputs

SEED = 20
NUMBER = 2_000


@pytest.mark.needs_opa
def test_both_engines_decide_alike(opa_server: OpaServer) -> None:
    embedded = EmbeddedEngine(shipped(), seconds=20)
    opa = OpaEngine(opa_server.url, shipped().revision, seconds=20)
    source = Inputs(SEED)
    tally: Counter[str] = Counter()
    different = []

    def both(document: Document) -> tuple[Document, Any, Any]:
        return document, answer(opa, document), answer(embedded, document)

    with ThreadPoolExecutor(4) as pool:
        for document, theirs, ours in pool.map(both, [source.next() for _ in range(NUMBER)]):
            if theirs != ours:
                different.append((document, theirs, ours))
            allowed = isinstance(theirs, Outcome) and theirs.allow
            tally["allow" if allowed else "deny"] += 1
            tally["fault"] += not isinstance(theirs, Outcome)
    embedded.close()
    opa.close()
    assert not different, f"{len(different)} of {NUMBER}, first: {different[0]}"
    assert tally["deny"] >= 0.3 * NUMBER
    assert tally["allow"] >= 0.2 * NUMBER
    assert tally["fault"] <= 0.03 * NUMBER


def answer(engine: EmbeddedEngine | OpaEngine, document: Document) -> Outcome | str:
    """The outcome; or that there is none, which denies whatever the cause."""
    try:
        return parse(engine.evaluate(document))
    except EngineFault:
        return "denied for want of an answer"
