"""A tenant's key for its data is destroyed for good: crypto-shredding, by two people, with a certificate.

Asked for, granted, done. From the grant on nothing opens; the KMS forgets the keys in a worker, after the
intent is committed, and is asked again until it has (S4; docs/adr/0086-own-keys.md).
"""

import hashlib
import logging
import uuid
from datetime import timedelta
from typing import Any

import rfc8785
from celery import current_app as celery
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import services as approvals
from approvals.models import Request
from identity.errors import BadInput, Conflict, Missing
from identity.models import User
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record
from notices.kinds import Kind
from vault import destruction_evidence, kms, signing
from vault.certificates import KIND as CERTIFICATE
from vault.errors import KeysUnavailable
from vault.kms.base import KmsError
from vault.locks import alone
from vault.models import KeyDestruction, KeyEncryptionKey, KeyUse, Rewrap, TenantKey
from vault.permissions import check_manage
from vault.services.provisioning import changed
from vault.services.standing import DATA, tell
from vault.states import LIVING, KekState, may_move

STEPS = ({"role": "security", "order": 1},)
TIER = "security"
KIND = "key_destruction"
DESTROY_TASK = "vault.destroy_key"
STALE_SECONDS = 60
SWEEP_BATCH = 50

logger = logging.getLogger(__name__)
State = KeyDestruction.State


@transaction.atomic
def ask_destruction(*, by: User, reason: str) -> KeyDestruction:
    """Ask that the key for the tenant's data be destroyed. Somebody from security has to say yes.

    Raises:
        NotAllowed: `by` does not look after keys.
        BadInput: no reason.
        Conflict: there is no key, it is asked for already, or another purpose still uses the same key.
        NoEligibleApprover: there is nobody else to ask.
    """
    check_manage(by)
    if not reason.strip():
        raise BadInput(_("Say why the key is to be destroyed."), code="reason")
    _check(by.tenant_id)
    try:
        with transaction.atomic():
            row = KeyDestruction.objects.create(
                tenant_id=by.tenant_id, purpose=DATA, reason=reason.strip(), asked_by=by
            )
    except IntegrityError:
        raise Conflict(_("Its destruction is asked for already.")) from None
    _note(Event.KEY_DESTRUCTION_ASKED, row, by=by)
    request = _open_request(row, by=by)
    KeyDestruction.objects.filter(pk=row.pk).update(request=request.pk)
    row.refresh_from_db()
    return row


@transaction.atomic
def grant_destruction(*, destruction_id: uuid.UUID) -> None:
    """The second person said yes: nothing opens from this commit on, and a worker destroys the keys.

    Raises:
        Conflict: the key has changed its standing meanwhile.
    """
    row = locked(destruction_id)
    if not may_move(row.state, State.GRANTED):
        raise Conflict(_("This was decided already."))
    alone(row.tenant_id, DATA)
    _check(row.tenant_id)
    now = timezone.now()
    moving = Rewrap.objects.filter(kek__in=_living(row.tenant_id), finished_at=None)
    moving.update(finished_at=now)  # there is nowhere to go any more
    _living(row.tenant_id).update(state=KekState.DESTROYING)
    changed(row.tenant_id)
    row.state, row.granted_at = State.GRANTED, now
    row.save(update_fields=["state", "granted_at"])
    _note(Event.KEY_DESTRUCTION_GRANTED, row)
    arguments = [str(row.pk), str(row.tenant_id)]
    transaction.on_commit(lambda: celery.send_task(DESTROY_TASK, args=arguments) and None)


@transaction.atomic
def refuse_destruction(*, destruction_id: uuid.UUID) -> None:
    """No, nobody answered, or it was taken back: the key stays."""
    row = locked(destruction_id)
    if may_move(row.state, State.REFUSED):
        row.state = State.REFUSED
        row.save(update_fields=["state"])
        _note(Event.KEY_DESTRUCTION_REFUSED, row)


def finish_destruction(*, destruction_id: uuid.UUID, tenant: uuid.UUID) -> bool:
    """Let the KMS forget the keys, empty what they wrapped, and sign the certificate. True if this call did.

    Safe to run twice or after a kill: a key that is gone already is as good as destroyed.

    Raises:
        KeysUnavailable: the KMS could not do it, or does not sign; the sweep comes back to it.
    """
    with tenant_scope(tenant):
        row = KeyDestruction.objects.filter(pk=destruction_id, state=State.GRANTED).first()
        doomed = list(_doomed(tenant)) if row else []
    if row is None:
        return False
    for kek in doomed:
        _forget(kek)
    with tenant_scope(tenant):
        return _done(locked(destruction_id))


def sweep_destructions(older_than: int = STALE_SECONDS) -> int:
    """Queue again what was granted and is not done; how many that were."""
    before = timezone.now() - timedelta(seconds=older_than)
    rows = KeyDestruction.objects.using("sweeper").filter(state=State.GRANTED, granted_at__lte=before)
    found = list(rows.values_list("pk", "tenant_id")[:SWEEP_BATCH])
    for destruction, tenant in found:
        celery.send_task(DESTROY_TASK, args=[str(destruction), str(tenant)])
    return len(found)


def locked(destruction_id: uuid.UUID) -> KeyDestruction:
    """The row, held until the transaction ends.

    Raises:
        Missing: there is none.
    """
    rows = KeyDestruction.objects.select_for_update(of=("self",)).select_related("asked_by")
    row = rows.filter(pk=destruction_id).first()
    if row is None:
        raise Missing(_("There is no such destruction."))
    return row


def digest(row: KeyDestruction) -> str:
    """SHA-256 of what the second person approves: these keys, for this reason."""
    told = {
        "destruction": str(row.pk),
        "reason": row.reason,
        "keys": sorted(str(pk) for pk in _living(row.tenant_id).values_list("pk", flat=True)),
    }
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _open_request(row: KeyDestruction, *, by: User) -> Request:
    return approvals.open_request(
        by=by,
        kind=KIND,
        obj=row.obj,
        title=_("Destroy the key to all data"),
        steps=STEPS,
        tier=TIER,
        tier_reason=_("what it protects is lost for good"),
        digest=digest(row),
        evidence=destruction_evidence.collect(row),
    )


def _check(tenant: uuid.UUID) -> None:
    names = list(_living(tenant).values_list("kms", "name"))
    if not names:
        raise Conflict(_("There is no key to destroy."))
    others = KeyEncryptionKey.objects.filter(tenant=tenant).exclude(purpose=DATA)
    if set(names) & set(others.exclude(state=KekState.DESTROYED).values_list("kms", "name")):
        raise Conflict(
            _("Secrets or signatures still use the same key: rotate theirs first, on the page of keys.")
        )


def _forget(kek: KeyEncryptionKey) -> None:
    holder = kms.backend(kek.kms)
    try:
        holder.destroy(kek.name)
        left = holder.holds(kek.name)
    except KmsError:
        left = True
    if left:
        raise KeysUnavailable(_("The key service has not destroyed the key yet. It is asked again."))


def _done(row: KeyDestruction) -> bool:
    if not may_move(row.state, State.DONE):
        return False
    now = timezone.now()
    doomed = list(_doomed(row.tenant_id))
    emptied = TenantKey.objects.filter(kek__in=doomed).update(wrapped=b"", state=TenantKey.State.DESTROYED)
    _doomed(row.tenant_id).update(state=KekState.DESTROYED, destroyed_at=now)
    changed(row.tenant_id)
    row.state, row.done_at = State.DONE, now
    row.certificate = signing.sign(
        signing.rows_of(row.tenant_id)[0], _claims(row, doomed, emptied, now.isoformat())
    )
    row.save(update_fields=["state", "done_at", "certificate"])
    _note(Event.KEY_DESTROYED, row, keys=len(doomed), data_keys=emptied)
    tell(Kind.KEY_DESTROYED, doomed[0], key=str(row.pk), path=row.get_absolute_url())
    return True


def _claims(row: KeyDestruction, doomed: list[KeyEncryptionKey], emptied: int, at: str) -> dict[str, Any]:
    uses = KeyUse.objects.filter(tenant=row.tenant_id, purpose=DATA).order_by("-day").first()
    return {
        "kind": CERTIFICATE,
        "iss": settings.BASE_URL,
        "tenant": str(row.tenant_id),
        "destruction": str(row.pk),
        "purpose": row.purpose,
        "asked_by": str(row.asked_by_id),
        "asked_at": row.asked_at.isoformat(),
        "request": str(row.request),
        "granted_at": row.granted_at.isoformat() if row.granted_at else "",
        "destroyed_at": at,
        "data_keys": emptied,
        "last_used_on": uses.day.isoformat() if uses else "",
        "keys": [
            {
                "kms": kek.kms,
                "name": kek.name,
                "version": kek.version,
                "origin": kek.origin,
                "check_value": kek.check_value,
                "made_at": kek.created_at.isoformat(),
            }
            for kek in doomed
        ],
    }


def _living(tenant: uuid.UUID) -> "QuerySet[KeyEncryptionKey]":
    rows = KeyEncryptionKey.objects.filter(tenant=tenant, purpose=DATA)
    return rows.filter(state__in=LIVING)


def _doomed(tenant: uuid.UUID) -> "QuerySet[KeyEncryptionKey]":
    rows = KeyEncryptionKey.objects.filter(tenant=tenant, purpose=DATA, state=KekState.DESTROYING)
    return rows.order_by("version")


def _note(event: Event, row: KeyDestruction, *, by: User | None = None, **facts: object) -> None:
    record(
        event,
        by=by,
        tenant=row.tenant_id,
        person=row.asked_by_id,
        obj=row.obj,
        facts={"purpose": row.purpose, **facts},
    )
