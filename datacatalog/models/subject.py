"""What people ask about themselves, and what was found (D6)."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from datacatalog.states import OVER, SubjectKind, SubjectState
from identity.models import User
from identity.tenancy import TenantModel


class SubjectRequest(TenantModel):
    """A data subject's request for access or erasure, seen to by somebody of the tenant.

    By what the person is found is sealed, and goes when the request is over; nothing else here names him.
    """

    kind = models.CharField(_("right"), max_length=10, choices=SubjectKind.choices)
    reference = models.CharField(_("case number"), max_length=40)
    state = models.CharField(
        _("state"), max_length=10, choices=SubjectState.choices, default=SubjectState.FOUND
    )
    sealed = models.BinaryField(null=True, editable=False)
    by_kinds = models.JSONField(_("found by"), default=list)  # identifiers.IdentifierKind
    whole_records = models.BooleanField(_("whole records"), default=True)
    searched = models.PositiveIntegerField(_("datasets searched"), default=0)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("seen to by"))
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    request = models.UUIDField(null=True)
    decision = models.UUIDField(_("decision"), null=True)
    touched_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    taken = models.PositiveIntegerField(_("times taken"), default=0)
    certificate = models.TextField(
        _("certificate"), blank=True
    )  # a JWS: it says what was erased, of whom not

    class Meta:
        verbose_name = _("data subject's request")
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-asked_at", "-id"], name="subject_newest"),
            models.Index(
                fields=["tenant", "touched_at"],
                condition=Q(state__in=["queued", "running"]),
                name="subject_moving",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(OVER), closed_at__isnull=False, sealed=None)
                | (~Q(state__in=sorted(OVER)) & Q(closed_at=None, sealed__isnull=False)),
                name="subject_over_knows_nobody",
            ),
            models.CheckConstraint(
                condition=Q(kind="erasure") | Q(state__in=["found", "closed"]),
                name="subject_access_moves_not",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "held"]) | ~Q(certificate=""), name="subject_certified"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("datacatalog:right", args=[self.pk])

    @property
    def obj(self) -> str:
        """How events name it."""
        return f"subject_request:{self.pk}"

    @property
    def is_moving(self) -> bool:
        """Whether a worker has it or is to have it."""
        return self.state in {SubjectState.QUEUED, SubjectState.RUNNING}


class SubjectFinding(TenantModel):
    """What a request found in one dataset. It outlives what it tells of, hence no key to the dataset."""

    subject_request = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="findings")
    dataset = models.UUIDField(_("dataset"))
    dataset_title = models.CharField(_("dataset"), max_length=200)
    app = models.UUIDField(_("app"))
    fields = models.JSONField(_("fields"), default=list)  # [{"field": id, "label": …, "records": …}]
    records = models.PositiveIntegerField(_("records found"), default=0)
    erased = models.PositiveIntegerField(_("records erased"), default=0)
    held = models.BooleanField(_("on hold"), default=False)
    holds = models.JSONField(_("holds"), default=list)  # ids of those that stand in the way

    class Meta:
        verbose_name = _("finding")
        ordering = ["dataset_title", "id"]
        constraints = [
            models.UniqueConstraint(fields=["subject_request", "dataset"], name="finding_of_dataset")
        ]

    def __str__(self) -> str:
        return f"{self.dataset_title}: {self.records}"
