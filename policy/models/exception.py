"""Exceptions from a rule and overrides: asked for, approved, for a while (P6, docs/adr/0078, 0083)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel
from policy.states import CLOSED, GRANTED, ExceptionKind, ExceptionState

# What one of them covers; only one of the same reach stands at a time.
REACH = ("kind", "rule", "app", "dataset", "region", "jurisdiction", "person", "action")


class PolicyException(TenantModel):
    """One rule that does not stop one app, until `expires_at`.

    `dataset` is a dataset's key and `region` a region's code; empty means any. `jurisdiction` is the law that
    a transfer may go to. The app is named by id and by the title it had: the record outlives it. `decision`
    is the refusal that it was asked from. An override is for one `person` and one `action`.
    """

    kind = models.CharField(
        _("kind"), max_length=10, choices=ExceptionKind.choices, default=ExceptionKind.EXCEPTION
    )
    rule = models.CharField(_("rule"), max_length=64)
    app = models.UUIDField(_("app"))
    app_title = models.CharField(_("app"), max_length=120)
    dataset = models.CharField(_("dataset"), max_length=64, blank=True)
    region = models.CharField(_("region"), max_length=32, blank=True)
    jurisdiction = models.CharField(_("law"), max_length=40, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    action = models.CharField(_("action"), max_length=64, blank=True)
    reason = models.TextField(_("reason"))
    control = models.TextField(_("what protects the data meanwhile"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    decision = models.UUIDField(_("decision"), null=True)
    request = models.UUIDField(_("request"), null=True)
    expires_at = models.DateTimeField(_("until"))
    state = models.CharField(
        _("state"), max_length=10, choices=ExceptionState.choices, default=ExceptionState.ASKED
    )
    granted_at = models.DateTimeField(_("granted"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    warned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("policy exception")
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-asked_at"], name="policy_exception_newest"),
            models.Index(
                fields=["expires_at"], condition=Q(state=ExceptionState.ACTIVE), name="policy_exception_due"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExceptionState.values), name="policy_exception_state"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(GRANTED), granted_at__isnull=False)
                | Q(state__in=sorted(set(ExceptionState) - GRANTED), granted_at__isnull=True),
                name="policy_exception_granted",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(CLOSED), closed_at__isnull=False)
                | Q(state__in=sorted(set(ExceptionState) - CLOSED), closed_at__isnull=True),
                name="policy_exception_closed",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="policy_exception_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(kind=ExceptionKind.EXCEPTION, person=None, action="")
                | (Q(kind=ExceptionKind.OVERRIDE, person__isnull=False) & ~Q(action="")),
                name="policy_exception_override_is_narrow",
            ),
            models.UniqueConstraint(
                fields=["tenant", *REACH],
                condition=Q(state__in=sorted(set(ExceptionState) - CLOSED)),
                nulls_distinct=False,
                name="policy_exception_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} · {self.app_title}"

    def get_absolute_url(self) -> str:
        """The page of the exception."""
        return reverse("exception", args=[self.pk])

    @property
    def obj(self) -> str:
        """How events and requests name it."""
        return f"exception:{self.pk}"

    @property
    def control_label(self) -> str:
        """What `control` tells."""
        if self.is_override:
            return gettext("How it is watched, and put right afterwards")
        return gettext("What protects the data meanwhile")

    @property
    def is_override(self) -> bool:
        """Whether an admin set the rule aside."""
        return self.kind == ExceptionKind.OVERRIDE

    @property
    def in_force(self) -> bool:
        """Whether the rule lets its app pass now."""
        return self.state == ExceptionState.ACTIVE and self.expires_at > timezone.now()
