"""Proposed rules on their way through the checks, and into review (docs/adr/0080).

Whoever checks holds a lease, which he renews; one that is gone leaves it behind, and the sweep hands the
version to another. Checks may run twice: what they find depends on the files alone.
"""

import hashlib
import uuid
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import rfc8785
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import services as approvals
from approvals.steps import NoEligibleApprover
from identity.tenancy import tenant_scope
from ledger.events import Event
from notices.kinds import Kind
from notices.services import notify
from policy import rules_evidence
from policy.checks import checked
from policy.engines.binary import binary
from policy.models import RulesVersion
from policy.services.rules import STEPS, locked, move, note
from policy.states import VersionState
from policy.steward import operating_tenant

LEASE = timedelta(minutes=3)  # longer than a check may go without a sign of life (policy/engines/tool.py)
TIER = "security"


def check_rules(*, version_id: uuid.UUID, tenant: uuid.UUID) -> bool:
    """Check a proposed version and hand it to review, or not; whether it was for this worker to do."""
    with tenant_scope(tenant):
        files = _claim(version_id)
    if files is None:
        return False
    lease = _Lease(version_id, tenant, files[1])
    found: list[dict[str, Any]] = []
    run = checked(files[0], opa=binary(build=False), inputs=settings.POLICY_PARITY_INPUTS, alive=lease.renew)
    try:
        for check in run:
            found.append(asdict(check))
            lease.renew(found)
    except LeaseLost:
        return False
    with tenant_scope(tenant):
        return _conclude(version_id, lease.at)


def sweep_checks() -> int:
    """Take up what lost its worker, or never had one; how many that were."""
    tenant = operating_tenant()
    if tenant is None:
        return 0
    with tenant_scope(tenant):
        idle = Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - LEASE)
        waiting = RulesVersion.objects.filter(idle, state=VersionState.CHECKING).order_by("number")
        ids = list(waiting.values_list("pk", flat=True)[:5])
    return sum(check_rules(version_id=one, tenant=tenant) for one in ids)


class LeaseLost(Exception):
    """The version was taken back, or another worker has taken it over."""


class _Lease:
    """The right to check one version, for a while."""

    def __init__(self, version: uuid.UUID, tenant: uuid.UUID, at: datetime) -> None:
        self._version, self._tenant, self.at = version, tenant, at

    def renew(self, checks: list[dict[str, Any]] | None = None) -> None:
        """Still at it; `checks` are those that are done.

        Raises:
            LeaseLost: it is somebody else's, or nobody's.
        """
        now = timezone.now()
        told = {"checks": checks} if checks is not None else {}
        with tenant_scope(self._tenant):
            mine = RulesVersion.objects.filter(
                pk=self._version, state=VersionState.CHECKING, claimed_at=self.at
            )
            if not mine.update(claimed_at=now, **told):
                raise LeaseLost
        self.at = now


def digest(row: RulesVersion) -> str:
    """SHA-256 of what reviewers approve: the files, and what they would replace."""
    told = {"version": str(row.pk), "revision": row.revision, "base": row.base, "files": row.files}
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _claim(version_id: uuid.UUID) -> tuple[dict[str, str], datetime] | None:
    row = RulesVersion.objects.select_for_update().filter(pk=version_id).first()
    now = timezone.now()
    if row is None or row.state != VersionState.CHECKING:
        return None
    if row.claimed_at is not None and row.claimed_at > now - LEASE:
        return None
    row.claimed_at, row.checks = now, []
    row.save(update_fields=["claimed_at", "checks"])
    return row.files, now


def _conclude(version_id: uuid.UUID, lease: datetime) -> bool:
    row = locked(version_id)
    if row.state != VersionState.CHECKING or row.claimed_at != lease:
        return False
    failed = [check["name"] for check in row.checks if not check["ok"]]
    if not failed:
        try:
            _to_review(row)
        except NoEligibleApprover as error:
            failed = ["review"]
            row.checks = [*row.checks, {"name": "review", "ok": False, "detail": error.message}]
            row.save(update_fields=["checks"])
    note(Event.RULES_CHECKED, row, by=None, facts={"failed": failed})
    if failed:
        move(row, VersionState.FAILED)
        _tell_author(row)
    return True


@transaction.atomic
def _to_review(row: RulesVersion) -> None:
    request = approvals.open_request(
        by=row.author,
        kind="rules",
        obj=row.obj,
        title=_("Rules, version %(number)d") % {"number": row.number},
        steps=STEPS,
        tier=TIER,
        tier_reason=_("the rules decide for everybody"),
        digest=digest(row),
        evidence=rules_evidence.collect(row),
    )
    move(row, VersionState.IN_REVIEW, request=request.pk)


def _tell_author(row: RulesVersion) -> None:
    notify(
        kind=Kind.RULES_FAILED,
        key=f"{Kind.RULES_FAILED.value}:{row.pk}",
        tenant=row.tenant_id,
        person=row.author,
        params={"title": str(row.number)},
        path=row.get_absolute_url(),
    )
