"""Taking messages out of the outbox: into the portal's inbox, and from there to each person's mail.

The portal's part is all database and done in one transaction a message. Mail is not: a row is leased
and the lease committed, the mail sent, the row marked. A worker that dies in between leaves the row to
fall due again; the repeat carries the same Message-ID, by which mail programs show it once.

Whatever goes wrong with one message is that one's alone: it is tried again at growing distances, and those
behind it go on at once.
"""

import logging
import time
import uuid
from datetime import timedelta
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from identity.models import Role, User
from identity.roles import holders
from identity.tenancy import tenant_scope
from notices.models import Channel, Notice, Outbox, OutboxState, said

ALIAS = "sweeper"
BATCH = 200
LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
MAX_ATTEMPTS = 8
PASS_SECONDS = 120  # how long a pass may take: well within its leases, or two would send the same mail

logger = logging.getLogger(__name__)


def deliver_portal() -> int:
    """Put due messages into people's inboxes; returns how many messages. One pass: beat comes again."""
    due = Outbox.objects.using(ALIAS).filter(
        channel=Channel.PORTAL, state=OutboxState.PENDING, due_at__lte=Now()
    )
    done = 0
    for row in due.order_by("due_at", "id")[:BATCH]:
        try:
            with tenant_scope(row.tenant_id):
                done += _fan_out(row.pk)
        except Exception as error:  # noqa: BLE001 - told by _failed, without the text
            _failed(row, error)
    return done


def deliver_mail() -> int:
    """Send due mails; returns how many were sent. One pass: beat comes again."""
    waiting, sent = _lease(), 0
    if not waiting:
        return 0
    server, until = get_connection(), time.monotonic() + PASS_SECONDS
    try:
        while waiting and time.monotonic() < until:
            if error := _unreachable(server):
                for row in waiting:
                    _failed(row, error)
                return sent
            sent += _send(waiting.pop(0), server)
    finally:
        server.close()
    _give_back(waiting)
    return sent


def _unreachable(server: Any) -> Exception | None:
    """Why no connection is to be had; None with one open, the same as long as it is good."""
    try:
        server.open()
    except (SMTPException, OSError) as error:
        return error
    return None


def _fan_out(row_id: uuid.UUID) -> bool:
    """A notice, and a mail to send, for everybody whom the message means now."""
    row = Outbox.objects.select_for_update(skip_locked=True).filter(pk=row_id, state=OutboxState.PENDING)
    message = row.select_related(None).first()
    if message is None:
        return False
    people = [user for user in _people(message) if user.pk != message.besides]
    Notice.objects.bulk_create(
        [
            Notice(
                tenant_id=message.tenant_id,
                person=user,
                outbox=message,
                kind=message.kind,
                params=message.params,
                path=message.path,
                created_at=message.created_at,
            )
            for user in people
        ],
        ignore_conflicts=True,
    )
    if settings.EMAIL_HOST:
        mails = [_mail_of(message, user) for user in people if user.email]
        Outbox.objects.bulk_create(mails, ignore_conflicts=True)
    message.state = OutboxState.SENT if people else OutboxState.FAILED
    message.attempts += 1
    message.save(update_fields=["state", "attempts"])
    if not people:
        logger.warning("message %s (%s) has nobody to receive it", message.pk, message.kind)
    return True


def _people(message: Outbox) -> list[User]:
    if message.person_id:
        return list(User.objects.filter(pk=message.person_id, is_active=True))
    if message.role:
        return holders(Role(message.role))
    return list(User.objects.filter(is_active=True, directory_groups__name=message.group_name).distinct())


def _mail_of(message: Outbox, user: User) -> Outbox:
    return Outbox(
        tenant_id=message.tenant_id,
        key=f"{message.key}:mail:{user.pk}",
        channel=Channel.MAIL,
        kind=message.kind,
        person=user,
        params=message.params,
        path=message.path,
        due_at=Now(),
        created_at=Now(),
    )


def _lease() -> list[Outbox]:
    """Claim due mails for a while; the claim is committed before anything is sent."""
    with transaction.atomic(using=ALIAS):
        due = Outbox.objects.using(ALIAS).filter(
            channel=Channel.MAIL, state=OutboxState.PENDING, due_at__lte=Now()
        )
        claimed = list(
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("person")
            .order_by("due_at", "id")[:BATCH]
        )
        Outbox.objects.using(ALIAS).filter(pk__in=[row.pk for row in claimed]).update(
            attempts=F("attempts") + 1, due_at=Now() + LEASE
        )
    return claimed


def _send(row: Outbox, server: Any) -> bool:
    """Send one mail and mark it."""
    try:
        _mail(row, server).send()
    except Exception as error:  # noqa: BLE001 - as above
        _failed(row, error)
        server.close()  # it may be dead: the next mail has one of its own
        return False
    Outbox.objects.using(ALIAS).filter(pk=row.pk).update(state=OutboxState.SENT)
    return True


def _mail(row: Outbox, server: Any) -> EmailMessage:
    assert row.person is not None  # noqa: S101 - a mail row is made for a person
    words = " ".join(said(row.kind, row.params).split())  # a subject is one line
    text = _("%(words)s\n\nOpen it after signing in: %(link)s\n") % {
        "words": words,
        "link": f"{settings.BASE_URL}{row.path}",
    }
    host = urlsplit(settings.BASE_URL).hostname
    mail = EmailMessage(words, text, to=[row.person.email], connection=server)
    mail.extra_headers["Message-ID"] = f"<{row.pk}@{host}>"
    return mail


def _failed(row: Outbox, error: Exception) -> None:
    """Try `row` again later, at ever longer distances; after MAX_ATTEMPTS it stays to be seen."""
    kind, attempt = type(error).__name__, row.attempts + 1  # the error's own text may quote an address
    logger.warning("%s %s (%s) failed, attempt %s: %s", row.channel, row.pk, row.kind, attempt, kind)
    Outbox.objects.using(ALIAS).filter(pk=row.pk).update(
        state=OutboxState.FAILED if attempt >= MAX_ATTEMPTS else OutboxState.PENDING,
        attempts=attempt,
        due_at=Now() + FIRST_RETRY * 2**row.attempts,
    )


def _give_back(rows: list[Outbox]) -> None:
    """End the leases of what was not tried, so that the next pass begins with it."""
    untried = Outbox.objects.using(ALIAS).filter(pk__in=[row.pk for row in rows])
    untried.update(attempts=F("attempts") - 1, due_at=Now())
