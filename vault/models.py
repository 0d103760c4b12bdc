"""A tenant's data keys, wrapped. What unwraps them is a KMS and never this database (D8, S3)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel


class TenantKey(TenantModel):
    """One version of one key of a tenant. Versions are added and retired, never changed."""

    class Purpose(models.TextChoices):
        FIELDS = "fields", _("field values")
        INDEX = "index", _("blind indexes")
        SIGNING = "signing", _("signatures")  # vault/signing.py

    class State(models.TextChoices):
        NEXT = "next", _("announced")  # published, so that who verifies has it before it signs
        ACTIVE = "active", _("active")  # seals new values, or signs
        RETIRED = "retired", _("retired")  # still opens old ones

    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    version = models.PositiveIntegerField(_("version"))
    key_id = models.PositiveBigIntegerField(_("key id"))  # the one that ciphertexts carry
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    kms = models.CharField(_("key management"), max_length=20)
    kek = models.CharField(_("key-encryption key"), max_length=200)
    wrapped = models.BinaryField(editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    retired_at = models.DateTimeField(_("retired"), null=True)

    class Meta:
        verbose_name = _("tenant key")
        verbose_name_plural = _("tenant keys")
        ordering = ["purpose", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "purpose", "version"], name="tenantkey_version"),
            models.UniqueConstraint(fields=["tenant", "purpose", "key_id"], name="tenantkey_key_id"),
            models.UniqueConstraint(
                fields=["tenant", "purpose"], condition=Q(state="active"), name="tenantkey_one_active"
            ),
            models.UniqueConstraint(
                fields=["tenant", "purpose"], condition=Q(state="next"), name="tenantkey_one_next"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["next", "active"], retired_at=None)
                | Q(state="retired", retired_at__isnull=False),
                name="tenantkey_retired_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"

    @property
    def context(self) -> bytes:
        """Bound to the wrapped key: moved to another tenant, purpose or version it does not unwrap."""
        return f"{self.tenant_id}|{self.purpose}|{self.version}".encode()


class StoredSecret(TenantModel):
    """One version of a secret that an admin gave; its value is sealed and never shown again (S2)."""

    name = models.CharField(_("name"), max_length=200)
    version = models.PositiveIntegerField(_("version"))
    sealed = models.BinaryField(editable=False)
    created_at = models.DateTimeField(_("stored"), auto_now_add=True)
    created_by = models.UUIDField(_("stored by"), null=True, editable=False)

    class Meta:
        verbose_name = _("secret")
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name", "version"], name="secret_version")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
