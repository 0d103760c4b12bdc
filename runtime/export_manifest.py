"""What a file of an export is, for machines: the sidecar beside the watermark (D5).

It names columns, masks and classes, the decision and whose copy it is; never a value of a record.
"""

from typing import Any

from django.utils.translation import gettext as _

from identity.errors import Conflict
from runtime.models import Export
from runtime.values import machine_text

FORMAT = "microapps-export/v1"


def manifest(export: Export) -> dict[str, Any]:
    """The sidecar of the file that `export` made; `sha256` is of the file's bytes, its watermark included.

    Raises:
        Conflict: it has made no file.
    """
    if not export.sha256:
        raise Conflict(_("There is no file that this could describe."))
    return {
        "format": FORMAT,
        "export": str(export.pk),
        "app": {"id": str(export.app), "name": export.app_slug, "version_sha256": export.version_digest},
        "dataset": {"id": str(export.dataset), "name": export.dataset_key},
        "file": {
            "name": export.file_name,
            "media_type": "text/csv; charset=utf-8",
            "rows": export.rows,
            "bytes": export.size,
            "sha256": export.sha256,
            "watermarked": export.watermarked,
        },
        "columns": [
            {
                "field": column["field"],
                "label": column["label"],
                "classification": column.get("classification", ""),
                "mask": column["mask"] or "none",
            }
            for column in export.columns
        ],
        "classes": export.tags,
        "decision": str(export.decision),
        "request": str(export.request) if export.request else None,
        "purpose": export.purpose,
        "target": export.target,
        "requester": str(export.requester_id),
        "requested_at": machine_text(export.requested_at),
        "started_at": machine_text(export.started_at),
        "finished_at": machine_text(export.closed_at),
        "expires_at": machine_text(export.expires_at),
    }
