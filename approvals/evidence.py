"""What reviewers are shown: a frozen document of sections, the same for whatever is approved.

The room whose object is to be approved fills it; approvals stores it with its hash and renders it
without knowing what the object is. As JSON:

    {"version": 1,
     "recommendation": {"level": "green|amber|red", "text": "…"},
     "tags": ["pii", …],
     "sections": [
       {"kind": "facts",    "title": "…", "rows": [{"label": "…", "value": "…"}]},
       {"kind": "fields",   "title": "…", "rows": [{"name": "…", "label": "…", "type": "…",
                             "classification": "…", "residency": "…", "purpose": "…",
                             "retention_days": 365, "level": 3}]},
       {"kind": "diff",     "title": "…", "base": "version 3", "changes": [{"change": "added|removed|changed",
                             "text": "…"}]},
       {"kind": "decision", "title": "…", "id": "<uuid>", "outcome": "…", "revision": "…",
                             "reasons": [{"rule": "…", "text": "…", "fix": "…"}]},
       {"kind": "text",     "title": "…", "text": "…"}]}

The hash is SHA-256 over its RFC 8785 canonical form.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal

import rfc8785

VERSION = 1
Level = Literal["green", "amber", "red"]
ChangeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Recommendation:
    """What the policy recommends, for the banner on top."""

    level: Level
    text: str


@dataclass(frozen=True)
class Fact:
    """A label and its value, both in words."""

    label: str
    value: str


@dataclass(frozen=True)
class Field:
    """One field of the object's data with its tags; `level` is that of the classification (0 to 5)."""

    name: str
    label: str
    type: str
    classification: str
    residency: str
    purpose: str = ""
    retention_days: int | None = None
    level: int | None = None


@dataclass(frozen=True)
class Change:
    """One difference from the version approved before, in words."""

    change: ChangeKind
    text: str


@dataclass(frozen=True)
class Reason:
    """Why a rule spoke; `fix` says what would make it pass."""

    rule: str
    text: str
    fix: str = ""


@dataclass(frozen=True)
class Facts:
    """A list of labelled values."""

    kind: ClassVar[str] = "facts"
    title: str
    rows: tuple[Fact, ...]


@dataclass(frozen=True)
class Fields:
    """A table of data fields."""

    kind: ClassVar[str] = "fields"
    title: str
    rows: tuple[Field, ...]


@dataclass(frozen=True)
class Diff:
    """What changed since `base`; no changes and no base: nothing was approved before."""

    kind: ClassVar[str] = "diff"
    title: str
    changes: tuple[Change, ...]
    base: str = ""


@dataclass(frozen=True)
class DecisionShown:
    """A decision of the policy with the texts of its rules."""

    kind: ClassVar[str] = "decision"
    title: str
    id: str
    outcome: str
    revision: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    title: str
    text: str


Section = Facts | Fields | Diff | DecisionShown | Text
_SECTIONS: dict[str, type[Section]] = {kind.kind: kind for kind in (Facts, Fields, Diff, DecisionShown, Text)}
_ROWS: dict[tuple[str, str], type[Any]] = {
    ("facts", "rows"): Fact,
    ("fields", "rows"): Field,
    ("diff", "changes"): Change,
    ("decision", "reasons"): Reason,
}


class BadEvidence(ValueError):
    """The document does not have the form above; a mistake in the code that filled it."""


@dataclass(frozen=True)
class Evidence:
    """A whole document."""

    recommendation: Recommendation
    sections: tuple[Section, ...]
    tags: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The document as it is stored."""
        return {
            "version": VERSION,
            "recommendation": asdict(self.recommendation),
            "tags": list(self.tags),
            "sections": [{"kind": part.kind, **_listed(asdict(part))} for part in self.sections],
        }

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "Evidence":
        """The document read back.

        Raises:
            BadEvidence: unknown version or kind of section, missing or unknown members.
        """
        if document.get("version") != VERSION:
            raise BadEvidence(f"version {document.get('version')!r} is not {VERSION}")
        try:
            return cls(
                recommendation=Recommendation(**document["recommendation"]),
                sections=tuple(_section(part) for part in document["sections"]),
                tags=tuple(document["tags"]),
            )
        except (KeyError, TypeError) as error:
            raise BadEvidence(str(error)) from error


def sha256_of(document: Mapping[str, Any]) -> str:
    """SHA-256 in hex over the RFC 8785 canonical JSON of `document`."""
    return hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()


def changes_between(seen: Evidence, now: Evidence) -> list[Change]:
    """What differs between two collections of evidence, section by section, in words of the sections."""
    before, after = _lines(seen), _lines(now)
    gone = [Change("removed", text) for text in before if text not in after]
    new = [Change("added", text) for text in after if text not in before]
    return gone + new


def _lines(evidence: Evidence) -> dict[str, None]:
    """Every statement of the document as one line, in order and once."""
    lines = {f"{evidence.recommendation.level}: {evidence.recommendation.text}": None}
    for part in evidence.sections:
        lines |= dict.fromkeys(f"{part.title}: {line}" for line in _statements(part))
    return lines


def _statements(part: Section) -> list[str]:
    match part:
        case Facts(rows=rows):
            return [f"{row.label} {row.value}" for row in rows]
        case Fields(rows=rows):
            return [" · ".join(str(getattr(row, f.name)) for f in fields(row)) for row in rows]
        case Diff(changes=changes):
            return [change.text for change in changes]
        case DecisionShown(outcome=outcome, revision=revision, reasons=reasons):
            return [f"{outcome} ({revision})", *(f"{reason.rule} {reason.text}" for reason in reasons)]
        case Text(text=text):
            return [text]


def _section(part: Mapping[str, Any]) -> Section:
    values = dict(part)
    kind = values.pop("kind")
    if kind not in _SECTIONS:
        raise BadEvidence(f"unknown kind of section {kind!r}")
    for (owner, member), row in _ROWS.items():
        if owner == kind:
            values[member] = tuple(row(**item) for item in values.get(member, ()))
    return _SECTIONS[kind](**values)


def _listed(values: dict[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
