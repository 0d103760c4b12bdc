"""Files of exports go when values that may be in them have to (datacatalog/services/retention.py)."""

import uuid
from collections.abc import Sequence

from django.utils import timezone

from datacatalog.models import Disposal
from runtime.models import Export
from runtime.states import ExportState


class ExportFiles:
    """Wired as a keeper of copies."""

    def dispose(self, dataset: uuid.UUID, fields: Sequence[str]) -> None:
        """A file that is ready ends now: nobody takes it any more, and the sweep deletes it soon."""
        ready = Export.objects.filter(dataset=dataset, state=ExportState.READY)
        over = [row.pk for row in ready.only("pk", "fields") if _holds(row, fields)]
        Export.objects.filter(pk__in=over).update(expires_at=timezone.now())


def overtaken(export: Export) -> bool:
    """Whether values were deleted while its file was written: its snapshot may be of before."""
    since = Disposal.objects.filter(dataset=export.dataset, touched_at__gte=export.started_at)
    return any(_holds(export, fields) for fields in since.values_list("fields", flat=True))


def _holds(export: Export, fields: Sequence[str]) -> bool:
    return not fields or bool(set(fields) & set(export.fields))
