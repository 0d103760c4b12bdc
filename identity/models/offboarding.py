"""What has to end or move when a person's access ends, step by step."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.user import User
from identity.tenancy import TenantModel


class Offboarding(TenantModel):
    """One person's leaving. A person who comes back and leaves again has a second one."""

    user = models.ForeignKey(User, models.PROTECT, related_name="offboardings")
    began_at = models.DateTimeField(_("began"), auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("offboarding")
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(done_at=None), name="offboarding_one_open")
        ]

    def __str__(self) -> str:
        return str(self.user)


class OffboardingStep(TenantModel):
    """One room's part of it: `key` names who does it (identity/offboarding.py)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Needs a look")

    offboarding = models.ForeignKey(Offboarding, models.CASCADE, related_name="steps")
    key = models.CharField(max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    result = models.JSONField(default=list)  # lines for people: ids and titles, no personal data
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["offboarding", "key"], name="offboarding_step_once"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False)
                | (Q(state__in=["waiting", "failed"], done_at__isnull=True)),
                name="offboarding_step_done",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="offboarding_step_due"),
        ]
