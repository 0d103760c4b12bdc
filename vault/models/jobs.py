"""What is being done with keys: re-wrapping, imports that have begun, and how often keys are used."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel
from vault.models.keks import KeyEncryptionKey


class Rewrap(TenantModel):
    """Data keys on their way under another key-encryption key. The row counts; which keys are left is
    seen from the keys themselves, so that a worker that died loses nothing."""

    kek = models.ForeignKey(KeyEncryptionKey, models.PROTECT, related_name="+")  # where they go
    total = models.PositiveIntegerField(_("data keys"))
    done = models.PositiveIntegerField(_("done"), default=0)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    moved_at = models.DateTimeField(_("last step"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("re-wrapping of data keys")
        verbose_name_plural = _("re-wrappings of data keys")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["kek"], name="rewrap_one_a_key"),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="rewrap_done"),
        ]

    def __str__(self) -> str:
        return f"{self.done} / {self.total}"


class KeyImport(TenantModel):
    """An import that has begun: the half of an RSA key pair that opens what the admin will upload.

    It is wrapped by the KMS, works once, and is emptied when used or over.
    """

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    public_key = models.TextField(editable=False)  # SubjectPublicKeyInfo in PEM
    private = models.BinaryField(editable=False)
    kek = models.ForeignKey(KeyEncryptionKey, models.PROTECT, related_name="+")  # what wraps it
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    created_by = models.UUIDField(_("begun by"), editable=False)
    expires_at = models.DateTimeField(_("ends"))
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("key import")
        verbose_name_plural = _("key imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def context(self) -> bytes:
        """Bound to the wrapped private half."""
        return f"{self.tenant_id}|import|{self.pk}".encode()


class KeyUse(TenantModel):
    """How often keys of a purpose were used on a day (UTC), and how often the KMS was asked for it."""

    purpose = models.CharField(_("purpose"), max_length=10, choices=KeyEncryptionKey.Purpose.choices)
    day = models.DateField(_("day"))
    operations = models.PositiveBigIntegerField(_("operations"), default=0)
    kms_calls = models.PositiveBigIntegerField(_("calls of the key service"), default=0)

    class Meta:
        verbose_name = _("use of keys")
        verbose_name_plural = _("use of keys")
        ordering = ["-day", "purpose"]
        constraints = [models.UniqueConstraint(fields=["tenant", "purpose", "day"], name="keyuse_day")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.day}"
