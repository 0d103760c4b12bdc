"""What stops deletion, and the proof of what was deleted (D6)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from datacatalog.models.dataset import Dataset
from datacatalog.models.subject import SubjectRequest
from identity.models import User
from identity.tenancy import TenantModel


class LegalHold(TenantModel):
    """Until it is released nothing is deleted by schedule from `dataset`, or from any where that is empty."""

    title = models.CharField(_("title"), max_length=120)
    reason = models.TextField(_("reason"))
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, null=True, blank=True, related_name="holds", verbose_name=_("dataset")
    )
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("placed by"))
    placed_at = models.DateTimeField(_("placed"), auto_now_add=True)
    released_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("released by")
    )
    released_at = models.DateTimeField(_("released"), null=True)
    release_reason = models.TextField(_("reason for the release"), blank=True)

    class Meta:
        verbose_name = _("legal hold")
        ordering = ["-placed_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "dataset"], condition=Q(released_at=None), name="hold_in_force")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None, release_reason="")
                | (Q(released_at__isnull=False, released_by__isnull=False) & ~Q(release_reason="")),
                name="hold_released",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def obj(self) -> str:
        """How events name it."""
        return f"hold:{self.pk}"


class Disposal(TenantModel):
    """One run of deletion over one dataset: which values, of how many records, and why: by schedule, of
    records made before `cutoff`; or as a data subject asked for, with each batch's proof for the certificate.

    Without `fields` whole records went. It outlives what it tells of, hence no key to the dataset. Counts
    grow with each batch, in the batch's own transaction; one without `finished_at` was stopped half-way, and
    another goes on.
    """

    dataset = models.UUIDField(_("dataset"))
    dataset_title = models.CharField(_("dataset"), max_length=200)
    app = models.UUIDField(_("app"), null=True)
    fields = models.JSONField(_("fields"), default=list)
    days = models.PositiveIntegerField(_("kept for (days)"), null=True)
    cutoff = models.DateTimeField(_("of records made before"), null=True)
    subject_request = models.ForeignKey(
        SubjectRequest, models.PROTECT, null=True, related_name="disposals", verbose_name=_("request")
    )
    proofs = models.JSONField(_("proofs"), default=list)  # [{"event": id, "records": …, "ids_sha256": …}]
    records = models.PositiveBigIntegerField(_("records"), default=0)
    started_at = models.DateTimeField(_("began"), auto_now_add=True)
    touched_at = models.DateTimeField(_("last batch"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("disposal")
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-started_at", "-id"], name="disposal_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=models.F("started_at")),
                name="disposal_finished",
            ),
            models.CheckConstraint(
                condition=Q(subject_request=None, days__isnull=False, cutoff__isnull=False)
                | Q(subject_request__isnull=False, days=None, cutoff=None),
                name="disposal_cause",
            ),
            models.UniqueConstraint(
                fields=["subject_request", "dataset"],
                condition=Q(finished_at=None),
                name="disposal_one_of_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_title}: {self.records}"
