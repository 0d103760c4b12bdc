"""Changes of the data that the rules judge by: asked for, approved by a second person, applied (P7)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel
from policy.states import CHANGE_CLOSED, ChangeState
from policy.thresholds import BOUNDS, DEFAULTS


class ThresholdSet(TenantModel):
    """A tenant's own numbers, one row at most (policy/thresholds.py says what each is)."""

    protected_level = models.PositiveSmallIntegerField(
        _("protected from level"),
        default=DEFAULTS.protected_level,
        help_text=_("Values of this level and above are masked, whether they are personal or not."),
    )
    high_level = models.PositiveSmallIntegerField(
        _("high from level"),
        default=DEFAULTS.high_level,
        help_text=_("An app with such values needs the manager and security."),
    )
    credential_level = models.PositiveSmallIntegerField(
        _("never shown again from level"),
        default=DEFAULTS.credential_level,
        help_text=_("Values of this level and above are hidden from everybody."),
    )
    longest_exception_days = models.PositiveSmallIntegerField(
        _("longest exception (days)"),
        default=DEFAULTS.longest_exception_days,
        help_text=_("Those that are in force already keep their end."),
    )
    sensitive_minutes = models.PositiveSmallIntegerField(
        _("sign-in for sensitive operations (minutes)"),
        default=DEFAULTS.sensitive_minutes,
        help_text=_("No older than this may the second factor be for an operation that asks for one."),
    )
    smallest_group = models.PositiveSmallIntegerField(
        _("smallest group on dashboards"),
        default=DEFAULTS.smallest_group,
        help_text=_("Of data with protected fields, smaller groups are not shown by themselves."),
    )

    class Meta:
        verbose_name = _("thresholds")
        verbose_name_plural = _("thresholds")
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="policy_thresholds_once"),
            models.CheckConstraint(
                condition=Q(protected_level__lte=models.F("high_level"))
                & Q(high_level__lte=models.F("credential_level")),
                name="policy_thresholds_in_order",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__gte": low, f"{name}__lte": high}),
                    name=f"policy_thresholds_{name}",
                )
                for name, (low, high) in BOUNDS.items()
            ),
        ]

    def __str__(self) -> str:
        return str(_("Thresholds"))


class DataChange(TenantModel):
    """One change of one object: `before` is what was there when it was asked for, `after` what is to be there
    (None: nothing). `kind` names what it is about (policy/datakinds.py), `object` which one ("" for the one).
    """

    kind = models.CharField(_("kind"), max_length=20)
    object = models.CharField(_("which"), max_length=40, blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    request = models.UUIDField(_("request"), null=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ChangeState.choices, default=ChangeState.IN_REVIEW
    )
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("change of policy data")
        verbose_name_plural = _("changes of policy data")
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-asked_at"], name="policy_data_change_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ChangeState.values), name="policy_data_change_state"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(CHANGE_CLOSED), closed_at__isnull=False)
                | Q(state__in=sorted(set(ChangeState) - CHANGE_CLOSED), closed_at__isnull=True),
                name="policy_data_change_closed",
            ),
            models.UniqueConstraint(
                fields=["tenant", "kind", "object"],
                condition=Q(state=ChangeState.IN_REVIEW),
                name="policy_data_change_once",
            ),
        ]

    def __str__(self) -> str:
        return " · ".join(filter(None, [self.kind, self.object]))

    def get_absolute_url(self) -> str:
        """Its page in the admin."""
        return reverse("admin:policy_datachange_change", args=[self.pk])

    @property
    def obj(self) -> str:
        """How events and requests name it."""
        return f"policydata:{self.pk}"
