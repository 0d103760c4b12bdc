"""Evidence: the same document gives the same hash, what changed is said in words."""

import dataclasses

import pytest

from approvals.evidence import BadEvidence, Change, Evidence, Fact, Facts, changes_between, sha256_of
from tests.memos import Memo


def test_it_comes_back_as_it_went() -> None:
    evidence = Memo().evidence()
    document = evidence.to_json()
    assert Evidence.parse(document) == evidence
    assert sha256_of(Evidence.parse(document).to_json()) == sha256_of(document)


def test_the_hash_is_that_of_canonical_json() -> None:
    assert sha256_of({"b": "é", "a": 1.0}) == sha256_of({"a": 1, "b": "é"})
    # printf '{}' | sha256sum
    assert sha256_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"sections": [{"kind": "script", "title": "x"}]},
        {"sections": [{"kind": "text", "title": "x"}]},
        {"sections": [{"kind": "text", "title": "x", "text": "y", "html": "z"}]},
        {"recommendation": {}},
    ],
)
def test_a_document_of_another_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadEvidence):
        Evidence.parse(Memo().evidence().to_json() | change)


def test_what_changed_is_said_in_words() -> None:
    seen = Memo().evidence()
    facts = Facts("What it is", (Fact("Text", "Tea"),))
    now = dataclasses.replace(seen, sections=(facts, *seen.sections[1:]))
    assert changes_between(seen, now) == [
        Change("removed", "What it is: Text Coffee for everyone"),
        Change("added", "What it is: Text Tea"),
    ]
    assert changes_between(seen, seen) == []
