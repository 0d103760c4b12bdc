"""Break-glass: made on the server's shell, used once, reviewed afterwards (I1)."""

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict, Missing, NotAllowed
from identity.models import BreakGlass, Tenant, User
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record

LINK_MINUTES = 10
MOST_MINUTES = 120


@transaction.atomic
def issue_break_glass(*, tenant: Tenant, username: str, minutes: int, reason: str) -> tuple[BreakGlass, str]:
    """A link's token for one active person, returned this once and kept as a hash.

    Only the operator's shell calls this: nobody is signed in there, so the actor of the event is empty.

    Raises:
        Missing: the tenant has no such active person.
        BadInput: no reason, or a time box that is too long.
    """
    reason = reason.strip()
    if not reason or not 1 <= minutes <= MOST_MINUTES:
        text = _("Give a reason, and between 1 and %(most)d minutes.")
        raise BadInput(text % {"most": MOST_MINUTES})
    user = User.objects.filter(tenant=tenant, username__iexact=username, is_active=True).first()
    if user is None:
        raise Missing(_("This tenant has no active person of that user name."))
    token = secrets.token_urlsafe(32)
    grant = BreakGlass.objects.create(
        tenant=tenant,
        user=user,
        reason=reason[:400],
        token_hash=_hash(token),
        minutes=minutes,
        expires_at=timezone.now() + timedelta(minutes=LINK_MINUTES),
    )
    with tenant_scope(tenant.pk):
        _note(Event.BREAK_GLASS_ISSUED, grant, by=None, facts={"minutes": minutes})
    return grant, token


@transaction.atomic
def use_break_glass(*, token: str) -> BreakGlass:
    """Take the link; its session ends `minutes` from now. The second use finds nothing.

    Raises:
        Missing: no such link, used, out of date, or its person is no longer active. One text for all.
    """
    rows = BreakGlass.objects.select_for_update(of=("self",)).select_related("user__tenant")
    grant = rows.filter(token_hash=_hash(token), used_at=None, expires_at__gt=timezone.now()).first()
    if grant is None or not grant.user.is_active:
        raise Missing(_("This link is used up or out of date. Make another on the server."))
    grant.used_at = timezone.now()
    grant.ends_at = grant.used_at + timedelta(minutes=grant.minutes)
    grant.save(update_fields=["used_at", "ends_at"])
    with tenant_scope(grant.tenant_id):
        _note(Event.BREAK_GLASS_USED, grant, by=grant.user, facts={"minutes": grant.minutes})
    return grant


@transaction.atomic
def review_break_glass(*, by: User, grant_id: uuid.UUID, review: str) -> None:
    """Write down that somebody else has looked at what was done.

    Raises:
        Missing: there is none of that id in the reviewer's tenant.
        NotAllowed: it was the reviewer's own session.
        Conflict: it is reviewed already, or its link may still be used.
        BadInput: the review says nothing.
    """
    grant = (
        BreakGlass.objects.select_for_update(of=("self",)).filter(pk=grant_id, tenant=by.tenant_id).first()
    )
    if grant is None:
        raise Missing(_("There is no such break-glass session."))
    if grant.user_id == by.pk:
        raise NotAllowed(_("Somebody else reviews what you did."))
    if grant.reviewed_at or (grant.used_at is None and grant.expires_at > timezone.now()):
        raise Conflict(_("This is reviewed already, or its link may still be used."))
    if not review.strip():
        raise BadInput(_("Say what you found."))
    grant.reviewed_at, grant.reviewed_by, grant.review = timezone.now(), by, review.strip()
    grant.save(update_fields=["reviewed_at", "reviewed_by", "review"])
    _note(Event.BREAK_GLASS_REVIEWED, grant, by=by)


def _note(event: Event, grant: BreakGlass, *, by: User | None, facts: dict[str, int] | None = None) -> None:
    obj = f"break_glass:{grant.pk}"
    record(event, by=by, tenant=grant.tenant_id, person=grant.user_id, obj=obj, facts=facts)


def _hash(token: str) -> str:
    """The token carries 256 random bits: a plain hash cannot be reversed by guessing."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
