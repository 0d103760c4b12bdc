"""The tenant's words for tags, read once per request: classifications and regions by code."""

from collections.abc import Mapping
from dataclasses import dataclass

from datacatalog.models import Classification, Region


@dataclass(frozen=True)
class Vocabulary:
    """Classifications in order of their level, regions in order of their title."""

    classifications: Mapping[str, Classification]
    regions: Mapping[str, Region]

    def level(self, code: str) -> int | None:
        """How sensitive `code` is, 0 to 5; None if the tenant has no such classification."""
        found = self.classifications.get(code)
        return found.level if found else None


def vocabulary() -> Vocabulary:
    """The vocabulary of the tenant at hand, in two queries."""
    return Vocabulary(
        {one.code: one for one in Classification.objects.all()},
        {one.code: one for one in Region.objects.all()},
    )
