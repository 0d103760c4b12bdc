"""The facts of a decision as people read them."""

import json
from typing import Any

from policy.disclosure import ASKER, HIDDEN, disclosed

DOCUMENT: dict[str, Any] = {
    "action": "record.export",
    "subject": {"id": "u-lena", "tenant": "t", "groups": ["Marketing"]},
    "resource": {"tenant": "t", "app": {"id": "a", "owners": ["u-lena", "u-mia"]}},
    "context": {
        "requester": "u-mia",
        "approvals": [{"role": "manager", "by": "u-omar"}, {"role": "security", "by": "u-mia"}],
        "session": {"device": "not_compliant"},
    },
}


def test_people_are_not_named_but_told_apart() -> None:
    shown = json.loads(disclosed(DOCUMENT, session=True))
    assert shown["subject"]["id"] == ASKER
    assert shown["resource"]["app"]["owners"] == [ASKER, shown["context"]["requester"]]
    by = [approval["by"] for approval in shown["context"]["approvals"]]
    assert by[1] == shown["context"]["requester"] != by[0]
    assert "u-" not in json.dumps(shown)
    assert shown["context"]["session"] == {"device": "not_compliant"}


def test_the_session_is_for_the_person_and_readers_of_the_record() -> None:
    shown = json.loads(disclosed(DOCUMENT, session=False))
    assert shown["context"]["session"] == HIDDEN


def test_the_document_itself_is_left_alone() -> None:
    before = json.dumps(DOCUMENT)
    disclosed(DOCUMENT, session=False)
    assert json.dumps(DOCUMENT) == before


def test_what_lacks_parts_is_shown_all_the_same() -> None:
    assert json.loads(disclosed({}, session=False)) == {}
    assert (
        json.loads(disclosed({"resource": {}, "subject": {"id": "x"}}, session=True))["subject"]["id"]
        == ASKER
    )
