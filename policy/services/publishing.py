"""Rules put in force: after review, or again as they were (P4, P6, docs/adr/0080)."""

import uuid

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.selectors import clock
from identity.errors import BadInput, Conflict, Missing
from identity.models import Role, User
from ledger.events import Event
from ledger.log import record
from notices.kinds import Kind
from notices.services import notify
from policy import revisions
from policy.models import RulesInForce
from policy.rulebook import Rulebook, shipped
from policy.services.rules import locked, move, note
from policy.states import VersionState
from policy.steward import operating_tenant
from policy.versions import CHANGERS, check_change, decided_by, newest
from policy.versions_words import STALE

MOST_REASON = 1000
_LOCK = 0x72756C6573  # "rules": who puts rules in force takes turns, until commit


@transaction.atomic
def publish_rules(*, version_id: uuid.UUID) -> None:
    """People said yes: from now on these rules decide, for every tenant.

    Raises:
        Conflict: others were put in force since it was proposed, or a check did not pass.
    """
    row = locked(version_id)
    if row.tenant_id != operating_tenant() or not row.checks or not all(one["ok"] for one in row.checks):
        raise Conflict(_("These rules have not passed every check."))
    _take_turn()
    if decided_by().revision != row.base:
        raise Conflict(str(STALE))
    put = _put(row.rulebook, version=row.pk)
    move(row, VersionState.PUBLISHED, published_at=timezone.now())
    note(Event.RULES_PUBLISHED, row, by=None, facts={"base": row.base, "in_force": put.pk})


@transaction.atomic
def roll_back_rules(*, by: User, in_force_id: int, reason: str) -> RulesInForce:
    """Put rules in force again that were before, at once: they were reviewed then. Loud.

    Raises:
        NotAllowed: `by` changes no rules.
        Missing: nothing was put in force under that number.
        BadInput: no reason.
        Conflict: they are in force.
    """
    check_change(by)
    reason = reason.strip()
    if not reason or len(reason) > MOST_REASON or "\x00" in reason:
        text = _("Say why, in at most %(most)d characters.")
        raise BadInput(text % {"most": MOST_REASON}, code="reason")
    _take_turn()
    earlier = RulesInForce.objects.filter(pk=in_force_id).first()
    if earlier is None:
        raise Missing(_("These rules were never in force."))
    now = decided_by().revision
    if earlier.revision == now:
        raise Conflict(_("These are the rules in force."))
    put = _put(earlier.rulebook, version=earlier.version)
    obj = f"rules:{earlier.version}" if earlier.version else "rules:release"
    facts = {"revision": put.revision, "instead_of": now, "in_force": put.pk, "reason": reason}
    record(Event.RULES_ROLLED_BACK, by=by, tenant=by.tenant_id, obj=obj, facts=facts)
    for role in sorted(CHANGERS):
        _tell(role, by.tenant_id, put)
    return put


def _take_turn() -> None:
    """Ids of rows then follow the order of commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _put(rules: Rulebook, *, version: uuid.UUID | None) -> RulesInForce:
    """The row; every process hears of it at commit. The first one keeps beside it what decided before."""
    if newest() is None:
        _row(shipped(), None)
    row = _row(rules, version)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [revisions.CHANNEL, str(row.pk)])
    transaction.on_commit(revisions.refresh, robust=True)
    return row


def _row(rules: Rulebook, version: uuid.UUID | None) -> RulesInForce:
    return RulesInForce.objects.create(
        revision=rules.revision,
        modules=dict(rules.modules),
        base=shipped().revision,
        at=clock(),
        version=version,
    )


def _tell(role: Role, tenant: uuid.UUID, put: RulesInForce) -> None:
    notify(
        kind=Kind.RULES_ROLLED_BACK,
        key=f"{Kind.RULES_ROLLED_BACK.value}:{put.pk}:{role.value}",
        tenant=tenant,
        role=role,
        path="/policy/versions/",
    )
