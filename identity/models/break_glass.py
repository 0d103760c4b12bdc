"""The one way in without a provider, made on the server's own shell (I1)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models.tenant import Tenant
from identity.models.user import User
from identity.tenancy import uuid7


class BreakGlass(models.Model):
    """One link for one person, good once, for a session that is admin for a while.

    Read before the tenant is known, by the hash of its token: exempt from the tenant wall.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=400)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    issued_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("link good until"))
    used_at = models.DateTimeField(_("used"), null=True)
    ends_at = models.DateTimeField(_("session ends"), null=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    review = models.TextField(_("what the review found"), blank=True)

    class Meta:
        verbose_name = _("break-glass")
        verbose_name_plural = _("break-glass")
        ordering = ["-issued_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at=None, ends_at=None) | Q(used_at__isnull=False, ends_at__gt=F("used_at")),
                name="break_glass_used",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, review="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(review="")),
                name="break_glass_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.issued_at:%Y-%m-%d}"
