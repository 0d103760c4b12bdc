"""What providers tell of people after the sign-in: streams of security events (OpenID SSF 1.0)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.tenant import Tenant
from identity.tenancy import uuid7


class SignalStream(models.Model):
    """One stream of one transmitter, received by push (RFC 8935) or poll (RFC 8936).

    Read before the tenant is known, by its push address and by the poller: exempt from the tenant wall.
    It holds no secret: the transmitter's token for polling lies in the vault by `secret_name`, and the one
    that the transmitter pushes with is kept as a hash.
    """

    class Delivery(models.TextChoices):
        PUSH = "push", _("push (RFC 8935)")
        POLL = "poll", _("poll (RFC 8936)")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", editable=False)
    name = models.CharField(_("name"), max_length=100)
    issuer = models.CharField(_("issuer"), max_length=500)
    audience = models.CharField(_("audience"), max_length=500)
    # whose people `iss_sub` names, where that is not the transmitter itself
    people_issuer = models.CharField(_("issuer of the people's sign-ins"), max_length=500, blank=True)
    jwks_uri = models.URLField(_("key set (JWKS)"), max_length=500, blank=True)
    delivery = models.CharField(_("delivery"), max_length=4, choices=Delivery.choices)
    poll_url = models.URLField(_("address to poll"), max_length=500, blank=True)
    push_hash = models.CharField(max_length=64, blank=True, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    last_event_at = models.DateTimeField(_("last event"), null=True, editable=False)
    last_error_at = models.DateTimeField(_("last error"), null=True, editable=False)
    last_error = models.CharField(_("what went wrong"), max_length=200, blank=True, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("signal stream")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "issuer", "audience"], name="signal_stream_once"),
            models.CheckConstraint(
                condition=Q(delivery="push", poll_url="") | (Q(delivery="poll") & ~Q(poll_url="")),
                name="signal_stream_delivery",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secret_name(self) -> str:
        """What the vault calls the token that we poll with."""
        return f"signal-stream:{self.pk}"


class SignalReceipt(models.Model):
    """A security event token that was taken: its `jti` is refused ever after (RFC 8417, 2.2).

    Written before the tenant is known: exempt from the tenant wall. No personal data.
    """

    stream = models.ForeignKey(SignalStream, models.CASCADE, related_name="receipts")
    jti_hash = models.CharField(max_length=64)
    kind = models.CharField(_("event"), max_length=60)
    outcome = models.CharField(_("outcome"), max_length=20)
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        verbose_name = _("security event")
        constraints = [models.UniqueConstraint(fields=["stream", "jti_hash"], name="signal_receipt_once")]
