"""Status reports as OPA sends them (https://www.openpolicyagent.org/docs/management-status).

Of a report the portal keeps the revision, whether something is wrong, and the version of OPA. Labels,
messages and metrics, which may tell of the agent's surroundings, are passed over.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from identity.errors import BadInput

BUNDLE = "portal"  # as the agent's configuration calls it (policy/agents/config.py)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,32}\Z")
REVISION = re.compile(r"[0-9a-f]{64}\Z")  # policy/rulebook.py


@dataclass(frozen=True)
class Report:
    """`revision` is empty while no bundle is loaded, and None where the report has no word on it."""

    revision: str | None
    fault: str
    version: str


def report_of(document: Any) -> Report:
    """The report in `document`.

    Raises:
        BadInput: it is no status report.
    """
    if not isinstance(document, dict):
        raise BadInput(_("A status report is an object."), code="not_a_report")
    bundles, labels = document.get("bundles", {}), document.get("labels", {})
    if not isinstance(bundles, dict) or not isinstance(labels, dict):
        raise BadInput(_("A status report has bundles and labels."), code="not_a_report")
    ours = bundles.get(BUNDLE)
    version = labels.get("version")
    version = version if isinstance(version, str) and _VERSION.match(version) else ""
    if ours is None:
        return Report(None, "", version)
    if not isinstance(ours, dict):
        raise BadInput(_("The status of a bundle is an object."), code="not_a_report")
    revision, code = ours.get("active_revision", ""), ours.get("code", "")
    return Report(
        revision=revision if isinstance(revision, str) and REVISION.match(revision) else "",
        fault=(code if isinstance(code, str) and _CODE.match(code) else "fault") if code else "",
        version=version,
    )
