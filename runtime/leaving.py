"""What happens to exports when their requester leaves (identity/offboarding.py): no copy stays behind for
somebody who may not take it. A run that is under way stops by itself (export_run.py)."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import User
from ledger.events import Event
from runtime.export_row import delete_files, locked, move, note
from runtime.models import Export
from runtime.states import ExportState


class Exports:
    """The runtime's part of an offboarding."""

    @property
    def title(self) -> str:
        return _("Exports end and their files are deleted")

    def run(self, user: User) -> Sequence[str]:
        """Refuse what is queued, delete what is ready."""
        mine = Export.objects.filter(requester=user, state__in=[ExportState.QUEUED, ExportState.READY])
        return [line for pk in mine.order_by("pk").values_list("pk", flat=True) for line in _end(pk)]


@transaction.atomic
def _end(export_id: uuid.UUID) -> list[str]:
    export = locked(export_id)
    now = timezone.now()
    if export.state == ExportState.QUEUED:
        move(export, ExportState.REFUSED, closed_at=now, failure="left")
        note(Event.EXPORT_REFUSED, export, by=None, facts={"why": "left"})
        return [_("the export of “%(app)s” was stopped") % {"app": export.app_title}]
    if export.state == ExportState.READY:
        delete_files(export)
        move(export, ExportState.EXPIRED, closed_at=now)
        note(Event.EXPORT_EXPIRED, export, by=None, facts={"downloads": export.downloads})
        return [_("the file from “%(app)s” was deleted") % {"app": export.app_title}]
    return []
