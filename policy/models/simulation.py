"""A version of the rules tried on what was decided (P7, docs/adr/0081)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel
from policy.states import SIMULATING, SIMULATION_ENDED, SimulationState

FAILURES = {
    "engine": _("The draft could not be asked: it does not build, is too slow, or its engine went away."),
    "error": _("It broke off by an error of the portal; the log of the workers says which."),
    "attempts": _("Its worker was lost several times. Try fewer days."),
}


class Simulation(TenantModel):
    """One run over the decisions of the last `days`, and what it found.

    `rules` is the revision that the version was compared to. Whoever runs it counts `attempt` up and renews
    `seen_at`: a worker that is gone leaves it behind, and the next attempt overtakes it. `report` is bounded
    (policy/simulation/told.py) and names apps by id alone. `failure` is a code.
    """

    version = models.ForeignKey("policy.RulesVersion", models.PROTECT, related_name="simulations")
    days = models.PositiveSmallIntegerField(_("days"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    state = models.CharField(
        _("state"), max_length=10, choices=SimulationState.choices, default=SimulationState.WAITING
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    seen_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    done = models.PositiveIntegerField(_("questions asked"), default=0)
    total = models.PositiveIntegerField(_("questions"), default=0)
    rules = models.CharField(_("compared to revision"), max_length=64, blank=True)
    engine = models.CharField(_("engine"), max_length=16, blank=True)
    report = models.JSONField(_("report"), null=True)
    failure = models.CharField(_("why it failed"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("simulation")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "version", "-id"], name="policy_simulation_newest"),
            models.Index(
                fields=["asked_at"], condition=Q(state__in=sorted(SIMULATING)), name="policy_simulation_open"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SimulationState.values), name="policy_simulation_state"
            ),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=365), name="policy_simulation_days"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(SIMULATION_ENDED), finished_at__isnull=False)
                | Q(state__in=sorted(SIMULATING), finished_at__isnull=True),
                name="policy_simulation_finished",
            ),
            models.CheckConstraint(
                condition=Q(state=SimulationState.DONE, report__isnull=False)
                | (~Q(state=SimulationState.DONE) & Q(report__isnull=True)),
                name="policy_simulation_report",
            ),
            models.UniqueConstraint(
                fields=["tenant", "version"],
                condition=Q(state__in=sorted(SIMULATING)),
                name="policy_simulation_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} · {self.days}"

    def get_absolute_url(self) -> str:
        """The page of the simulation."""
        return reverse("policy:simulation", args=[self.version_id, self.pk])

    @property
    def obj(self) -> str:
        """How events name it."""
        return f"simulation:{self.pk}"

    @property
    def is_moving(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in SIMULATING

    @property
    def failure_text(self) -> str:
        """Why it failed, in words."""
        return str(FAILURES.get(self.failure, ""))

    @property
    def percent(self) -> int:
        """How far it is, in steps of ten, as it is read aloud."""
        return 10 * (10 * self.done // self.total) if self.total else 0

    @property
    def summary(self) -> dict[str, Any]:
        """The report without its changes; empty until it is done."""
        return {name: value for name, value in (self.report or {}).items() if name != "changes"}
