"""The facts of a decision for people to read: who is in them is not named (P5). Pure Python."""

import json
from typing import Any

from policy.inputs import Document

ASKER = "who asked"
HIDDEN = "not shown"


class _People:
    """Stands in for ids of people, the same for the same person."""

    def __init__(self, asker: str) -> None:
        self.known = {asker: ASKER}

    def __call__(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self(item) for item in value]
        return self.known.setdefault(str(value), f"person {len(self.known)}")


def disclosed(document: Document, *, session: bool) -> str:
    """`document` as indented JSON, with people as "who asked" or "person 2".

    Without `session` what the person at the edge showed (device, network, risk) is left out as well.
    """
    people = _People(str(document.get("subject", {}).get("id", "")))
    shown: Document = json.loads(json.dumps(document))
    _replace(shown.get("subject"), "id", people)
    _replace(shown.get("context"), "requester", people)
    _replace(shown.get("resource", {}).get("app"), "owners", people)
    for approval in shown.get("context", {}).get("approvals", []):
        _replace(approval, "by", people)
    if not session and "session" in shown.get("context", {}):
        shown["context"]["session"] = HIDDEN
    return json.dumps(shown, indent=2, ensure_ascii=False, sort_keys=True)


def _replace(part: Any, key: str, people: _People) -> None:
    if isinstance(part, dict) and key in part:
        part[key] = people(part[key])
