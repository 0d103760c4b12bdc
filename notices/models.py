"""Messages to people: written with the thing they tell of, delivered afterwards."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import Role
from identity.tenancy import TenantModel
from notices.kinds import Kind


class Channel(models.TextChoices):
    """Where an outbox row goes: first to the portal's own inbox, from there to each person's mail."""

    PORTAL = "portal", _("In the portal")
    MAIL = "mail", _("E-mail")


class OutboxState(models.TextChoices):
    """A row that nobody could receive, or that failed too often, stays to be seen by the admin."""

    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Outbox(TenantModel):
    """One message to a person, or to whoever holds a role or is in a group when it is delivered.

    `key` names what happened, so that saying it twice delivers it once; `due_at` is when it may be
    (re)tried: a lease moves it ahead, and a worker that dies leaves it to fall due again.
    """

    key = models.CharField(max_length=200)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.PORTAL)
    kind = models.CharField(max_length=40, choices=Kind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    group_name = models.CharField(max_length=200, blank=True)
    besides = models.UUIDField(null=True)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=OutboxState.choices, default=OutboxState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("outbox message")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="outbox_key"),
            models.CheckConstraint(condition=Q(state__in=OutboxState.values), name="outbox_state"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="outbox_channel"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, role="", group_name="")
                | (Q(person__isnull=True, group_name="") & ~Q(role=""))
                | (Q(person__isnull=True, role="") & ~Q(group_name="")),
                name="outbox_one_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "due_at", "id"], condition=Q(state="pending"), name="outbox_pending"
            )
        ]


class Notice(TenantModel):
    """One message as one person sees it in the portal."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    outbox = models.ForeignKey(Outbox, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40, choices=Kind.choices)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice")
        constraints = [models.UniqueConstraint(fields=["outbox", "person"], name="notice_once")]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notice_by_person"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    @property
    def text(self) -> str:
        """The sentence, in the reader's language."""
        return said(self.kind, self.params)


def said(kind: str, params: dict[str, Any]) -> str:
    """The words of a notice of `kind`."""
    return str(Kind(kind).label) % {"title": params.get("title", "")}
