"""A provider's right to push people and groups."""

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models.tenant import Tenant
from identity.tenancy import uuid7


class ScimClient(models.Model):
    """A provider's right to push people and groups into one tenant (I2).

    Read before the tenant is known, by the hash of its token: exempt from the tenant wall.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="scim_clients")
    name = models.CharField(_("name"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("SCIM client")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash_of(token: str) -> str:
        """Tokens carry 256 random bits, so a plain hash cannot be reversed by guessing."""
        return hashlib.sha256(token.encode()).hexdigest()
