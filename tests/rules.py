"""Rules on their way into force, the whole way or at once."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.types.json import Jsonb

from approvals import services as approvals
from approvals.models import Request
from approvals.states import Verdict
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from policy import revisions, services
from policy.models import RulesVersion
from policy.rulebook import LIBRARY, Rulebook, files_in, shipped
from tests import rego_draft
from tests.services import POSTGRES

_ADD = """
INSERT INTO policy_rulesinforce (revision, modules, base, at) VALUES (%s, %s, %s, clock_timestamp())
"""


def put_in_force(rules: Rulebook, *, base: str = "") -> None:
    """From now on `rules` decide in this process, and soon in all; the database is emptied after the test.

    `base` is the revision that the release shipped then, where it is another one than today's.
    """
    with psycopg.connect(POSTGRES.url("portal_app")) as connection:
        first = connection.execute("SELECT count(*) FROM policy_rulesinforce").fetchone() == (0,)
        for one in [shipped(), rules] if first else [rules]:  # as policy/services/publishing.py does
            connection.execute(_ADD, [one.revision, Jsonb(dict(one.modules)), base or shipped().revision])
        connection.execute("SELECT pg_notify(%s, '')", [revisions.CHANNEL])
    revisions.refresh()


def another() -> Rulebook:
    """The shipped rules and one more file: another revision that decides alike."""
    return Rulebook((*shipped().modules, ("zz_more.rego", "package portal.more\n\nthere := true\n")))


def library(**changes: str) -> dict[str, str]:
    """The shipped files with their tests; `main="…"` gives main.rego that text, "" leaves it out."""
    files = files_in(LIBRARY) | {f"{name}.rego": text for name, text in changes.items()}
    return {name: text for name, text in files.items() if text}


def freezing(*apps: object) -> dict[str, str]:
    """The shipped files and a rule that denies everything about these apps."""
    with tempfile.TemporaryDirectory() as folder:
        return files_in(rego_draft.freezing(Path(folder), [str(app) for app in apps]))


def proposed(by: User, files: Mapping[str, str], message: str = "Freeze what is under audit") -> RulesVersion:
    """`by` proposes."""
    with tenant_scope(by.tenant_id):
        return services.propose_rules(by=by, files=files, message=message)


def checked(row: RulesVersion) -> RulesVersion:
    """As the worker does it."""
    services.check_rules(version_id=row.pk, tenant=row.tenant_id)
    return again(row)


def again(row: RulesVersion) -> RulesVersion:
    """As it is now."""
    with tenant_scope(row.tenant_id):
        return RulesVersion.objects.get(pk=row.pk)


def vote(row: RulesVersion, by: User, verdict: Verdict = Verdict.APPROVE) -> RulesVersion:
    """`by` decides on what waits for review."""
    with tenant_scope(by.tenant_id):
        request = Request.objects.get(pk=row.request)
        approvals.vote(
            by=by, request_id=request.pk, verdict=verdict, digest=request.digest, key=uuid7(), comment="Seen."
        )
    return again(row)
