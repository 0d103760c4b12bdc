"""A small thing that can be approved: the tests' own plug-in of approvals/approvables.py."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from approvals import services
from approvals.approvables import Submission
from approvals.evidence import (
    Change,
    DecisionShown,
    Diff,
    Evidence,
    Fact,
    Facts,
    Field,
    Fields,
    Reason,
    Recommendation,
    Text,
)
from approvals.models import Request
from identity.errors import DomainError, Missing
from identity.models import User

MANAGER = {"role": "manager"}
SECURITY = {"role": "security"}


@dataclass
class Memo:
    """A text that takes effect when it is approved."""

    text: str = "Coffee for everyone"
    steps: list[Mapping[str, Any]] = field(default_factory=lambda: [MANAGER])
    heard: list[str] = field(default_factory=list)
    refuses: bool = False
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def obj(self) -> str:
        return f"memo:{self.id}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def submission(self) -> Submission:
        return Submission(self.digest, self.evidence(), self.steps, "manager", "It costs money.")

    def evidence(self) -> Evidence:
        return Evidence(
            recommendation=Recommendation("amber", "Look at the cost."),
            tags=("internal",),
            sections=(
                Facts("What it is", (Fact("Text", self.text),)),
                Fields("Data", (Field("f_1", "Drinker", "email", "pii", "eu", "Count the cups", 30, 3),)),
                Diff("Since the last approval", (Change("added", "Field Drinker was added."),), "version 1"),
                DecisionShown(
                    "Decision",
                    str(uuid.UUID(int=7)),
                    "needs approval",
                    "r1",
                    (Reason("approval.tier", "It costs money.", "Make it cost nothing."),),
                ),
                Text("Note", "Made for the tests."),
            ),
        )

    def open(self, by: User, **more: Any) -> Request:
        made = self.submission()
        values: dict[str, Any] = {
            "kind": "memo",
            "obj": self.obj,
            "title": self.text,
            "steps": made.steps,
            "tier": made.tier,
            "tier_reason": made.tier_reason,
            "digest": made.digest,
            "evidence": made.evidence,
        }
        return services.open_request(by=by, **(values | more))


MEMOS: dict[str, Memo] = {}


class Memos:
    """The approvable of memos."""

    label = "Memo"

    def digest(self, request: Request) -> str:
        return _memo(request).digest

    def decide_again(self, request: Request) -> Submission:
        return MEMOS[request.object].submission()

    def granted(self, request: Request) -> None:
        memo = MEMOS[request.object]
        if memo.refuses:
            raise DomainError("The kitchen is closed.")
        memo.heard.append("granted")

    def refused(self, request: Request) -> None:
        _memo(request).heard.append(f"refused:{request.state}")

    def changes_asked(self, request: Request) -> None:
        MEMOS[request.object].heard.append("changes")


def _memo(request: Request) -> Memo:
    found = MEMOS.get(request.object)
    if found is None:
        raise Missing("The memo is gone.")
    return found


@pytest.fixture
def memo(settings: Any) -> Iterator[Memo]:
    """A memo that can be sent for approval."""
    settings.APPROVABLES = {**settings.APPROVABLES, "memo": "tests.memos.Memos"}
    made = Memo()
    MEMOS[made.obj] = made
    yield made
    MEMOS.clear()
