"""One tagging of many fields at once, so that it can be taken back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import User
from identity.tenancy import TenantModel


class TagBatch(TenantModel):
    """Who tagged fields together that had no tag, and whether they took it back."""

    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    count = models.PositiveIntegerField(_("fields"))
    created_at = models.DateTimeField(_("tagged"), auto_now_add=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("bulk tagging")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="tagbatch_undone",
            ),
        ]
