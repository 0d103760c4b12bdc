"""The shipped rules in both engines, asked the same."""

from collections.abc import Callable, Iterable

from policy.checks.parity import Tally
from policy.checks.parity import compare as compare_engines
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine
from policy.inputs import Document
from policy.rulebook import shipped


def compare(url: str, documents: Iterable[Document], *, told: Callable[[Tally], None] | None = None) -> Tally:
    """The embedded engine beside the OPA at `url`, which is the authority."""
    embedded, opa = EmbeddedEngine(shipped(), seconds=20), OpaEngine(url, shipped().revision, seconds=20)
    try:
        return compare_engines(opa, embedded, documents, told=told)
    finally:
        embedded.close()
        opa.close()
