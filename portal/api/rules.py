"""Rules proposed by a program: the command line, or the CI of the repository that is their source (P4)."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from identity.errors import BadInput, Missing
from identity.models import User
from policy import services
from policy.models import RulesVersion
from policy.versions import check_read

MOST_BODY_BYTES = 3 * 1024 * 1024  # texts of services.rules.MOST_BYTES, written as JSON


def propose(caller: User, body: Mapping[str, Any]) -> dict[str, Any]:
    """Propose `files` (texts by name, tests included), because of `message`.

    Raises:
        BadInput: the members are no such things, or the files no rules.
        NotAllowed, Conflict: see services.propose_rules.
    """
    files, message = body.get("files"), body.get("message")
    texts = isinstance(files, dict) and all(isinstance(text, str) for text in files.values())
    if not isinstance(files, dict) or not texts or not isinstance(message, str):
        raise BadInput(_("Send “message”, a text, and “files”, texts by name."), code="files")
    return shown(services.propose_rules(by=caller, files=files, message=message))


def version(caller: User, version_id: uuid.UUID) -> dict[str, Any]:
    """How a version stands.

    Raises:
        NotAllowed, Missing: it is not there for the caller.
    """
    check_read(caller)
    row = RulesVersion.objects.filter(pk=version_id).first()
    if row is None:
        raise Missing(_("There is no such version of the rules."))
    return shown(row)


def shown(row: RulesVersion) -> dict[str, Any]:
    """A version as the API tells it."""
    return {
        "id": str(row.pk),
        "number": row.number,
        "revision": row.revision,
        "base": row.base,
        "state": row.state,
        "checks": row.checks,
        "page": f"{settings.BASE_URL}{row.get_absolute_url()}",
    }
