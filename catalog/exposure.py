"""Who can see a field of a live app: which roles open it, masked or in clear, and how many hold them (D7)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from catalog import manifest as m
from catalog.models import App
from catalog.vocabulary import Vocabulary
from policy.inputs import Action

READS = frozenset({Action.RECORD_LIST, Action.RECORD_READ})


@dataclass(frozen=True)
class Exposure:
    """What one app role lets its holders do with the field's values."""

    role: m.AppRole
    people: int
    sees: bool
    reveals: bool
    exports: bool
    enters: bool


def exposures(
    app: App, field: m.Field, words: Vocabulary, holders: Mapping[tuple[uuid.UUID, str], int]
) -> list[Exposure]:
    """Of each role that touches the field at all, by title; `holders`: app_access.holder_counts().

    A protected value is masked to who sees it, and in clear only to who may reveal it; an open one has
    nothing to reveal.
    """
    version = app.live_version
    if version is None:
        return []
    known = words.classifications.get(field.classification)
    protected = known is None or known.protected or known.personal
    roles = version.parsed.roles
    found = [_exposure(one, holders.get((app.pk, one.key), 0), protected=protected) for one in roles]
    return sorted((one for one in found if one), key=lambda one: one.role.title)


def _exposure(role: m.AppRole, people: int, *, protected: bool) -> Exposure | None:
    may = set(role.permissions)
    sees, exports = bool(may & READS), Action.RECORD_EXPORT in may
    enters = bool(may & {Action.RECORD_CREATE, Action.RECORD_UPDATE})
    if not (sees or exports or enters):
        return None
    reveals = protected and sees and Action.VALUE_REVEAL in may
    return Exposure(role, people, sees=sees, reveals=reveals, exports=exports, enters=enters)
