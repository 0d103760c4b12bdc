"""Requests for approval: what is asked, of whom, by when, and what was answered."""

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.states import CLOSED, LIVE, RequestState, StepState, TimerState, Verdict
from approvals.tiers import TIERS
from identity.models import Role
from identity.models.permission import GroupGrant, UserGrant
from identity.tenancy import TenantModel

SHA256 = r"^[0-9a-f]{64}$"


def _one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


class Request(TenantModel):
    """One thing that waits for, or got, people's decision."""

    kind = models.CharField(_("kind"), max_length=40)
    object = models.CharField(_("object"), max_length=120)
    app = models.UUIDField(null=True)
    title = models.CharField(_("title"), max_length=200)
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    tier = models.CharField(_("tier"), max_length=40)
    tier_reason = models.TextField(_("reason for the tier"), blank=True)
    digest = models.CharField(max_length=64)
    decision = models.UUIDField(null=True)
    state = models.CharField(
        _("state"), max_length=12, choices=RequestState.choices, default=RequestState.OPEN
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("request")
        constraints = [
            _one_of("state", RequestState, "request_state"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(CLOSED), closed_at__isnull=False)
                | Q(state__in=sorted(LIVE), closed_at__isnull=True),
                name="request_closed_at",
            ),
            models.CheckConstraint(condition=Q(digest__regex=SHA256), name="request_digest"),
            models.UniqueConstraint(
                fields=["tenant", "object"], condition=Q(state__in=sorted(LIVE)), name="request_one_live"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "-opened_at"], name="request_by_state"),
            models.Index(fields=["requester", "-opened_at"], name="request_by_requester"),
            models.Index(fields=["tenant", "object", "-opened_at"], name="request_by_object"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tier_label(self) -> str:
        """The tier in words; one that has none is shown as it is called."""
        return gettext(TIERS[self.tier]) if self.tier in TIERS else self.tier

    def get_absolute_url(self) -> str:
        """The page of the request."""
        return reverse("approvals:request", args=[self.pk])

    @property
    def is_live(self) -> bool:
        """Whether it can still be decided, now or after changes."""
        return self.state in LIVE


class RequestUserGrant(UserGrant):
    """A person's right on one request: `view_request` lets him read it, never decide it."""

    content_object = models.ForeignKey(Request, models.CASCADE, related_name="user_grants")

    @classmethod
    def app_of(cls, thing: Request) -> uuid.UUID | None:
        """The app that it is of, if any."""
        return thing.app


class RequestGroupGrant(GroupGrant):
    """A group's right on one request."""

    content_object = models.ForeignKey(Request, models.CASCADE, related_name="group_grants")

    @classmethod
    def app_of(cls, thing: Request) -> uuid.UUID | None:
        """The app that it is of, if any."""
        return thing.app


class Evidence(TenantModel):
    """What reviewers are shown, frozen. A changed subject adds a row and leaves the old ones."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="evidence")
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    document = models.JSONField(encoder=DjangoJSONEncoder)
    sha256 = models.CharField(max_length=64)
    collected_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="evidence_number"),
            models.CheckConstraint(
                condition=Q(sha256__regex=SHA256, digest__regex=SHA256), name="evidence_sums"
            ),
        ]


class Step(TenantModel):
    """One decision that a request needs. Steps of the same `order` are open side by side."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    asks = models.CharField(max_length=220)
    needed = models.PositiveSmallIntegerField(default=1)
    hours = models.PositiveSmallIntegerField()
    expires = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=StepState.choices, default=StepState.WAITING)
    level = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            _one_of("state", StepState, "step_state"),
            models.CheckConstraint(condition=Q(needed__gte=1), name="step_needed"),
            models.CheckConstraint(
                condition=Q(state=StepState.WAITING, opened_at__isnull=True, due_at__isnull=True)
                | Q(state__in=[StepState.OPEN, StepState.GRANTED], opened_at__isnull=False)
                | Q(state=StepState.CLOSED),
                name="step_opened_at",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[StepState.WAITING, StepState.OPEN], closed_at__isnull=True)
                | Q(state__in=[StepState.GRANTED, StepState.CLOSED], closed_at__isnull=False),
                name="step_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(state=StepState.OPEN), name="step_paused_at"
            ),
        ]
        indexes = [
            models.Index(fields=["request", "order"], name="step_by_request"),
            models.Index(fields=["tenant", "due_at"], condition=Q(state=StepState.OPEN), name="step_open"),
        ]


class Ask(TenantModel):
    """Whom a step asks at one level of its escalation: a person, a role or a group.

    Levels up to the step's own may decide; roles and groups are read at the moment of voting, so that
    who joins may decide and who leaves may not.
    """

    step = models.ForeignKey(Step, models.CASCADE, related_name="ladder")
    level = models.PositiveSmallIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    group_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["level"]
        constraints = [
            models.UniqueConstraint(fields=["step", "level"], name="ask_level"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, role="", group_name="")
                | (Q(person__isnull=True, group_name="") & ~Q(role=""))
                | (Q(person__isnull=True, role="") & ~Q(group_name="")),
                name="ask_one_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(person__isnull=False), name="ask_person"),
            models.Index(fields=["tenant", "role"], condition=~Q(role=""), name="ask_role"),
            models.Index(fields=["tenant", "group_name"], condition=~Q(group_name=""), name="ask_group"),
        ]


class Vote(TenantModel):
    """One person's answer, bound to the digest of what they saw."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="votes")
    step = models.ForeignKey(Step, models.CASCADE, related_name="votes")
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    key = models.UUIDField(default=uuid.uuid4)
    at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            _one_of("verdict", Verdict, "vote_verdict"),
            models.UniqueConstraint(fields=["request", "key"], name="vote_key"),
            # also what keeps one person out of two steps
            models.UniqueConstraint(
                fields=["request", "voter"],
                condition=Q(verdict=Verdict.APPROVE, dropped_at__isnull=True),
                name="vote_one_approval",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.APPROVE) | ~Q(comment=""), name="vote_no_needs_comment"
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True) | Q(dropped_at__gte=F("at")), name="vote_dropped_at"
            ),
        ]


class TimerKind(models.TextChoices):
    """What happens when a timer is due."""

    REMIND = "remind", _("Remind")
    ESCALATE = "escalate", _("Escalate")
    EXPIRE = "expire", _("Expire")


class Timer(TenantModel):
    """One moment in a step's time box. Claimed by approvals/sweep.py, by the database's clock alone."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="timers")
    step = models.ForeignKey(Step, models.CASCADE, related_name="timers")
    seq = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=TimerKind.choices)
    level = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=TimerState.choices, default=TimerState.PLANNED)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["step", "seq"]
        constraints = [
            _one_of("state", TimerState, "timer_state"),
            _one_of("kind", TimerKind, "timer_kind"),
            models.CheckConstraint(
                condition=Q(state=TimerState.DONE, done_at__isnull=False)
                | (~Q(state=TimerState.DONE) & Q(done_at__isnull=True)),
                name="timer_done_at",
            ),
            models.UniqueConstraint(
                fields=["step"], condition=Q(state=TimerState.PENDING), name="timer_one_pending"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(state=TimerState.PENDING), name="timer_pending"
            ),
            models.Index(fields=["step", "seq"], name="timer_by_step"),
        ]
