"""A tenant's data keys, wrapped. What unwraps them is a KMS and never this database (D8, S3)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel
from vault.models.keks import KeyEncryptionKey


class TenantKey(TenantModel):
    """One version of one key of a tenant. Versions are added and retired, never changed."""

    class Purpose(models.TextChoices):
        FIELDS = "fields", _("field values")
        INDEX = "index", _("blind indexes")
        SECRETS = "secrets", _("stored secrets")
        SIGNING = "signing", _("signatures")  # vault/signing.py

    class State(models.TextChoices):
        NEXT = "next", _("announced")  # published, so that who verifies has it before it signs
        ACTIVE = "active", _("active")  # seals new values, or signs
        RETIRED = "retired", _("retired")  # still opens old ones
        DESTROYED = "destroyed", _("destroyed")  # opens nothing: what was wrapped is gone

    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    version = models.PositiveIntegerField(_("version"))
    key_id = models.PositiveBigIntegerField(_("key id"))  # the one that ciphertexts carry
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    # whose values it seals; without one, of all apps that have no key of their own
    app = models.UUIDField(_("app"), null=True, editable=False)
    kek = models.ForeignKey(
        KeyEncryptionKey, models.PROTECT, related_name="wrapped_keys", verbose_name=_("key-encryption key")
    )
    wrapped = models.BinaryField(editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    retired_at = models.DateTimeField(_("retired"), null=True)

    class Meta:
        verbose_name = _("tenant key")
        verbose_name_plural = _("tenant keys")
        ordering = ["purpose", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "purpose", "app", "version"],
                nulls_distinct=False,
                name="tenantkey_version",
            ),
            models.UniqueConstraint(fields=["tenant", "purpose", "key_id"], name="tenantkey_key_id"),
            models.UniqueConstraint(
                fields=["tenant", "purpose", "app"],
                condition=Q(state="active"),
                nulls_distinct=False,
                name="tenantkey_one_active",
            ),
            models.UniqueConstraint(
                fields=["tenant", "purpose"], condition=Q(state="next"), name="tenantkey_one_next"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["next", "active"], retired_at=None)
                | Q(state="retired", retired_at__isnull=False)
                | Q(state="destroyed", wrapped=b""),
                name="tenantkey_retired_at",
            ),
            models.CheckConstraint(
                condition=Q(app=None) | Q(purpose="fields"), name="tenantkey_app_has_fields_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"

    @property
    def context(self) -> bytes:
        """Bound to the wrapped key: moved to another tenant, purpose, version or app it does not unwrap."""
        place = f"{self.tenant_id}|{self.purpose}|{self.version}"
        return (f"{place}|{self.app}" if self.app else place).encode()


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
