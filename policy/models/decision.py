"""What was decided. Rows are added and read, never changed: the role of the portal has no right to."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel


class StoredInput(TenantModel):
    """The facts of decisions, once for all that were made on equal ones.

    `document` is canonical JSON (RFC 8785) and `digest` its SHA-256. Text, not jsonb: the digest must be
    that of what is stored, and jsonb refuses strings that text may hold escaped.
    """

    digest = models.CharField(_("digest"), max_length=64)
    document = models.TextField(_("facts"))

    class Meta:
        verbose_name = _("policy input")
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="policy_input_digest")]


class StoredDecision(TenantModel):
    """One decision: every denial, write, override and sensitive read (P5).

    People and apps are named by id without foreign keys: the record outlives them. `event` is the entry of
    the ledger that tells of it. What an agent elsewhere decided (policy/agents/) names it in `engine`, and
    `reported_id` is the id under which the agent answered its caller.
    """

    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)
    subject = models.UUIDField(_("person"), null=True)
    action = models.CharField(_("action"), max_length=64)
    app = models.UUIDField(_("app"), null=True)
    allowed = models.BooleanField(_("allowed"))
    reasons = models.JSONField(_("reasons"))
    obligations = models.JSONField(_("obligations"))
    tier = models.CharField(_("approval tier"), max_length=32)
    because = models.JSONField(_("why this tier"))
    engine = models.CharField(_("engine"), max_length=72)
    revision = models.CharField(_("revision of the rules"), max_length=64)
    entry_point = models.CharField(_("entry point"), max_length=64)
    input_digest = models.CharField(_("digest of the facts"), max_length=64)
    duration_ms = models.FloatField(_("time taken in ms"))
    event = models.UUIDField(_("event"))
    reported_id = models.UUIDField(_("id at the agent"), null=True)

    class Meta:
        verbose_name = _("policy decision")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "app", "-id"], name="policy_decision_app"),
            models.Index(fields=["tenant", "subject", "-id"], name="policy_decision_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "reported_id", "engine"],
                condition=Q(reported_id__isnull=False),
                name="policy_decision_reported_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.id}"


class DecisionCount(TenantModel):
    """How many decisions a day were allowed or only previewed, and hence not stored one by one."""

    day = models.DateField(_("day"))
    action = models.CharField(_("action"), max_length=64)
    allowed = models.BooleanField(_("allowed"))
    preview = models.BooleanField(_("preview"))
    count = models.PositiveBigIntegerField(_("count"))

    class Meta:
        verbose_name = _("decision count")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "day", "action", "allowed", "preview"], name="policy_count_once"
            )
        ]
