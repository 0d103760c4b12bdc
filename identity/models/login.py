"""One sign-in of one person in one browser."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.user import User
from identity.tenancy import uuid7


class LoginSession(models.Model):
    """A session of a browser, by what the provider calls it: so that either side can end it (I5).

    The provider's logout and its security events come without a tenant and without a person at hand:
    exempt from the tenant wall. `session_key` is that of django_session and empty once it has ended.
    """

    class End(models.TextChoices):
        """Why it ended."""

        SIGNED_OUT = "signed_out", _("signed out")
        PERSON = "person", _("ended by the person")
        ADMIN = "admin", _("ended by an admin")
        PROVIDER = "provider", _("ended by the provider")
        DEACTIVATED = "deactivated", _("account deactivated")
        SIGNAL = "signal", _("security event")
        IDLE = "idle", _("not used")
        EXPIRED = "expired", _("too old")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="logins")
    session_key = models.CharField(max_length=40, blank=True, editable=False)
    issuer = models.CharField(_("issuer"), max_length=500)
    sub = models.CharField(max_length=255)
    sid = models.CharField(max_length=255, blank=True)
    device = models.CharField(_("device"), max_length=100, blank=True)  # browser and system, no version
    began_at = models.DateTimeField(_("signed in"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last used"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    end = models.CharField(_("why it ended"), max_length=20, choices=End.choices, blank=True)

    class Meta:
        verbose_name = _("session")
        ordering = ["-seen_at"]
        indexes = [
            models.Index(fields=["issuer", "sub"], condition=Q(ended_at=None), name="login_open_sub"),
            models.Index(fields=["issuer", "sid"], condition=Q(ended_at=None), name="login_open_sid"),
            models.Index(fields=["user", "-seen_at"], name="login_user"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session_key"], condition=~Q(session_key=""), name="login_session_key"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False, session_key="") & ~Q(end="")),
                name="login_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} {self.began_at:%Y-%m-%d}"
