"""What would follow if a field were of another class: each app that has it, asked of the rules (D7, P7)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalog import decisions
from catalog import manifest as m
from catalog.models import App
from catalog.states import AppState
from catalog.vocabulary import Vocabulary
from policy.decision import Decision


@dataclass(frozen=True)
class Impact:
    """An app whose next version would be decided otherwise, or as now."""

    app: App
    before: Decision
    after: Decision

    @property
    def newly_refused(self) -> bool:
        """What may be submitted today could not be any more."""
        return self.before.allowed and not self.after.allowed

    @property
    def other_approvals(self) -> bool:
        """Other people would have to approve it."""
        return self.before.tier != self.after.tier

    @property
    def changes(self) -> bool:
        """Whether anything would be otherwise for its builders."""
        return self.before.allowed != self.after.allowed or self.other_approvals


def impacts(fields: Iterable[tuple[uuid.UUID, str]], classification: str, words: Vocabulary) -> list[Impact]:
    """For each live app among `fields` (app and field id): as if its owner submitted it with that class.

    Previews: nothing is kept, and nobody needs to have signed in freshly for them.
    """
    by_app: dict[uuid.UUID, set[str]] = {}
    for app, field in fields:
        by_app.setdefault(app, set()).add(field)
    rows = App.objects.filter(pk__in=by_app, state=AppState.LIVE).select_related("live_version", "owner")
    found = []
    for row in rows.order_by("title", "pk"):
        if row.live_version is None:
            continue
        before = row.live_version.parsed
        after = reclassified(before, by_app[row.pk], classification)
        found.append(Impact(row, _ask(row, before, words), _ask(row, after, words)))
    return found


def reclassified(manifest: m.Manifest, fields: set[str], classification: str) -> m.Manifest:
    """The same app with these fields of another class; what was said for a lower class no longer counts."""
    return replace(
        manifest,
        datasets=tuple(
            replace(dataset, fields=tuple(_field(field, fields, classification) for field in dataset.fields))
            for dataset in manifest.datasets
        ),
    )


def _field(field: m.Field, chosen: set[str], classification: str) -> m.Field:
    return replace(field, classification=classification) if field.id in chosen else field


def _ask(app: App, manifest: m.Manifest, words: Vocabulary) -> Decision:
    return decisions.on_submit(
        manifest,
        by=app.owner,
        app_id=app.pk,
        owners=decisions.owner_ids(app.pk, app.owner_id),
        words=words,
        preview=True,
        unattended=True,
    )
