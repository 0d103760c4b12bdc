"""Which apps carry a class of data or lie in a region, for changes of these (datacatalog/scheme_data.py)."""

from collections.abc import Callable, Sequence

from django.db.models import Q

from catalog.models import AppVersion
from catalog.states import PENDING, AppState, VersionState
from datacatalog import scheme_data

# Versions whose manifests count: those that serve, and those that are about to.
COUNTED = (*PENDING, VersionState.LAUNCHING, VersionState.LIVE)


class ClassificationData(scheme_data.ClassificationData):
    """Wired under the kind "classification"."""

    def apps(self, code: str) -> Sequence[str]:
        """Those with a field of the class; that it was only suggested does not count."""
        return _titles(
            Q(manifest__contains=f'"classification":"{code}"'),
            lambda version: any(
                field.classification == code
                for dataset in version.parsed.datasets
                for field in dataset.fields
            ),
        )


class RegionData(scheme_data.RegionData):
    """Wired under the kind "region"."""

    def apps(self, code: str) -> Sequence[str]:
        """Those that run there, or whose data or systems outside lie there."""
        named = Q(manifest__contains=f'"region":"{code}"') | Q(manifest__contains=f'"residency":"{code}"')
        return _titles(named, lambda _version: True)


def _titles(named: Q, uses: Callable[[AppVersion], bool]) -> list[str]:
    """Manifests are kept as canonical JSON (RFC 8785), so that a key and its value are found as text."""
    rows = AppVersion.objects.select_related("app").filter(named, state__in=COUNTED)
    found = {row.app_id: row.app.title for row in rows.exclude(app__state=AppState.RETIRED) if uses(row)}
    return sorted(found.values())
