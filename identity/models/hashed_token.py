"""A bearer token of a program that is no person: hashed, with an end, a last use and a revocation."""

import hashlib
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

USE_NOTED_EVERY = timedelta(minutes=1)


class HashedToken(models.Model):
    """One bearer token (RFC 6750). Its client has several while one replaces another."""

    hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("issued"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, editable=False)  # null: until revoked
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"

    @staticmethod
    def hash_of(token: str) -> str:
        """Tokens carry 256 random bits, so a plain hash cannot be reversed by guessing."""
        return hashlib.sha256(token.encode()).hexdigest()

    @staticmethod
    def valid(prefix: str = "") -> Q:
        """Those that a request may carry now; `prefix` leads to them from another table."""
        unexpired = Q(**{f"{prefix}expires_at": None}) | Q(**{f"{prefix}expires_at__gt": timezone.now()})
        return unexpired & Q(**{f"{prefix}revoked_at": None})

    @property
    def ended(self) -> str:
        """Why a request may not carry it: "revoked", "expired", or empty."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= timezone.now() else ""

    def note_use(self) -> bool:
        """Write down that it was used, once a minute; whether that was now."""
        now = timezone.now()
        if self.last_used_at is not None and self.last_used_at >= now - USE_NOTED_EVERY:
            return False
        type(self)._default_manager.filter(pk=self.pk).update(last_used_at=now)
        return True
