"""Key-encryption keys (KEKs) as the portal knows them: names, states and dates. The keys are in the KMS."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.models import User
from identity.tenancy import TenantModel
from vault.states import LIVING, DestructionState, KekState

CHECK_CHARACTERS = 12


class KeyEncryptionKey(TenantModel):
    """One version of the key that wraps a tenant's data keys of one purpose (S3, S4)."""

    class Purpose(models.TextChoices):
        DATA = "data", _("data of apps")
        SECRETS = "secrets", _("stored secrets")
        SIGNING = "signing", _("signatures")

    class Origin(models.TextChoices):
        MADE = "made", _("made by the key service")
        IMPORTED = "imported", _("brought by the company")

    State = KekState

    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    version = models.PositiveIntegerField(_("version"))
    kms = models.CharField(_("key management"), max_length=20)
    name = models.CharField(_("name there"), max_length=200)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices, default=Origin.MADE)
    state = models.CharField(_("state"), max_length=10, choices=KekState.choices, default=KekState.ACTIVE)
    # of a key that was brought: by it its owner tells which it is, and nobody what it is
    check_value = models.CharField(_("check value"), max_length=CHECK_CHARACTERS, blank=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    created_by = models.UUIDField(_("made by"), null=True, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True)
    disabled_at = models.DateTimeField(_("disabled"), null=True)
    disabled_by = models.UUIDField(_("disabled by"), null=True, editable=False)
    destroyed_at = models.DateTimeField(_("destroyed"), null=True)
    warned_at = models.DateTimeField(_("warned of its age"), null=True)

    class Meta:
        verbose_name = _("key-encryption key")
        verbose_name_plural = _("key-encryption keys")
        ordering = ["purpose", "-version"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=KekState.values), name="kek_state"),
            models.UniqueConstraint(fields=["tenant", "purpose", "version"], name="kek_version"),
            models.UniqueConstraint(
                fields=["tenant", "purpose"], condition=Q(state="active"), name="kek_one_active"
            ),
            models.CheckConstraint(
                condition=Q(state="destroyed", destroyed_at__isnull=False)
                | (~Q(state="destroyed") & Q(destroyed_at=None)),
                name="kek_destroyed_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(retired_at=None), name="kek_active_not_retired"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"

    @property
    def obj(self) -> str:
        """How events name it."""
        return f"key_encryption_key:{self.pk}"

    @property
    def usable(self) -> bool:
        """Whether anything that it wrapped may be opened now."""
        return self.disabled_at is None and self.state in LIVING


class KeyDestruction(TenantModel):
    """The wish to destroy a tenant's key of a purpose, and what became of it. Certificates stay for good."""

    State = DestructionState

    purpose = models.CharField(_("purpose"), max_length=10, choices=KeyEncryptionKey.Purpose.choices)
    reason = models.TextField(_("why"), max_length=2000)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DestructionState.choices, default=DestructionState.ASKED
    )
    request = models.UUIDField(null=True, editable=False)
    granted_at = models.DateTimeField(_("granted"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    certificate = models.TextField(_("certificate"), blank=True, editable=False)  # a JWS (RFC 7515)

    class Meta:
        verbose_name = _("destruction of a key")
        verbose_name_plural = _("destructions of keys")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DestructionState.values), name="keydestruction_state"
            ),
            models.UniqueConstraint(
                fields=["tenant", "purpose"],
                condition=Q(state__in=["asked", "granted"]),
                name="keydestruction_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) & ~Q(certificate="")
                | ~Q(state="done") & Q(done_at=None, certificate=""),
                name="keydestruction_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.get_state_display()}"

    @property
    def obj(self) -> str:
        """How requests and events name it."""
        return f"key_destruction:{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("key-destruction", args=[self.pk])
