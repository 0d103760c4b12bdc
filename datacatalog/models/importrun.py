"""One import of a file: who brought what, what came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from datacatalog.models.scheme import Region
from identity.models import User
from identity.tenancy import TenantModel


class ImportRun(TenantModel):
    """A file from upload to import. Its text is kept only while the preview waits."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("waiting for confirmation")
        DONE = "done", _("imported")
        REFUSED = "refused", _("refused")

    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    file_name = models.CharField(_("file"), max_length=200)
    digest = models.CharField(_("SHA-256"), max_length=64)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    contract_id = models.CharField(_("contract"), max_length=200, blank=True)
    contract_version = models.CharField(_("contract version"), max_length=60, blank=True)
    content = models.TextField(blank=True, editable=False)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    # [{"line": int, "path": str, "text": str}], texts in the language of who uploaded
    errors = models.JSONField(_("errors"), default=list, blank=True)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="preview", finished_at=None) | Q(content="", finished_at__isnull=False),
                name="importrun_finished",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
