"""Exports: a copy of an app's records that leaves the portal as a file."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel
from runtime.states import MOVING, WITH_FILE, ExportState

SHA256 = r"^[0-9a-f]{64}$"
FAILURES = {
    "died": _("The portal was stopped while it wrote the file, several times. Ask for a new export."),
    "storage": _("The portal had no room for the file. Tell your admins, then ask again."),
    "keys": _("The keys of your data were not available. Ask again when they are."),
    "error": _("Something went wrong while the file was written. Nothing was handed out."),
    "policy": _("A policy does not allow it any more."),
    "gone": _("The app, or the data that was asked for, is no longer there."),
    "approval": _("It was not approved."),
    "left": _("The person who asked for it has left."),
    "signal": _("Your sessions were ended while it was written. Sign in and ask for a new export."),
}


class Export(TenantModel):
    """One file of one dataset for one person, from the wish to the file's end.

    It keeps what was decided and what went out, never a value: `columns` lists
    {"field", "label", "classification", "mask"}, `decision` is the one that the file was written under.
    """

    app = models.UUIDField()
    app_slug = models.CharField(max_length=60)
    app_title = models.CharField(_("app"), max_length=120)
    dataset = models.UUIDField()
    dataset_key = models.CharField(max_length=40)
    dataset_title = models.CharField(_("dataset"), max_length=120)
    version_digest = models.CharField(max_length=64)
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=400)
    raw = models.BooleanField(_("values in clear"), default=False)
    target = models.CharField(_("goes to"), max_length=40)
    fields = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=ExportState.choices)
    decision = models.UUIDField(null=True)
    request = models.UUIDField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    watermarked = models.BooleanField(default=False)
    requested_at = models.DateTimeField(_("asked for"))
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    rows = models.PositiveBigIntegerField(_("records"), null=True)
    size = models.PositiveBigIntegerField(_("bytes"), null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True)
    downloads = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=200, blank=True)
    # when the sweep looks again at one that it could not put right, and how often that was
    rescue_at = models.DateTimeField(null=True)
    rescue_failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("export")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state"),
            models.CheckConstraint(condition=Q(version_digest__regex=SHA256), name="export_version_digest"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(WITH_FILE), sha256__regex=SHA256, rows__isnull=False)
                & Q(size__isnull=False, expires_at__isnull=False, decision__isnull=False)
                | (~Q(state__in=sorted(WITH_FILE)) & Q(sha256="", size=None, expires_at=None)),
                name="export_file",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.RUNNING) | Q(started_at__isnull=False),
                name="export_started_at",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted({*MOVING, ExportState.WAITING}), closed_at=None)
                | (~Q(state__in=sorted({*MOVING, ExportState.WAITING})) & Q(closed_at__isnull=False)),
                name="export_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(state=ExportState.WAITING)
                | Q(state=ExportState.REFUSED)
                | Q(queued_at__isnull=False),
                name="export_queued_at",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "app", "-requested_at"], name="export_by_app"),
            models.Index(fields=["requester", "-requested_at"], name="export_by_requester"),
            models.Index(fields=["queued_at"], condition=Q(state__in=sorted(MOVING)), name="export_moving"),
            models.Index(fields=["expires_at"], condition=Q(state=ExportState.READY), name="export_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.app_title}: {self.dataset_title}"

    def get_absolute_url(self) -> str:
        """The export's own page."""
        return reverse("runtime:export", args=[self.app_slug, self.dataset_key, self.pk])

    @property
    def path(self) -> Path:
        """Where the finished file lies; its name tells nothing of its content."""
        return file_of(self.tenant_id, self.pk)

    @property
    def is_moving(self) -> bool:
        """Whether it is about to change by itself."""
        return self.state in MOVING

    @property
    def failure_text(self) -> str:
        """Why it failed or was refused, in words; empty otherwise."""
        return str(FAILURES.get(self.failure, ""))

    @property
    def file_name(self) -> str:
        """What the file is called where it lands."""
        return f"{self.app_slug}-{self.dataset_key}-{self.requested_at:%Y-%m-%d}.csv"


def file_of(tenant: uuid.UUID, export: uuid.UUID) -> Path:
    """The finished file of an export; the unfinished one beside it ends in `.part`."""
    return Path(settings.EXPORT_DIR) / str(tenant) / f"{export}.csv"
