"""What a suggestion is made of, and what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datacatalog.specs import FieldType


@dataclass(frozen=True)
class Signs:
    """What is known of a field before anyone has tagged it."""

    name: str
    dataset: str = ""
    type: FieldType = FieldType.TEXT
    description: str = ""
    source_type: str = ""
    declared: str = ""
    tags: Sequence[str] = ()
    examples: Sequence[str] = field(default=(), repr=False)  # people's data: in no log


@dataclass(frozen=True)
class Suggestion:
    """`reason` and `params` are put into words by reasons.explain()."""

    classification: str
    reason: str
    confidence: float
    kind: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As it is stored with the field."""
        return {
            "classification": self.classification,
            "reason": self.reason,
            "params": dict(self.params),
            "confidence": self.confidence,
            "kind": self.kind,
        }
