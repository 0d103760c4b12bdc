"""A tenant's access rules: what its people have to show, and for what (I4, docs/adr/0067)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models import Risk
from identity.tenancy import TenantModel


class Network(TenantModel):
    """Addresses with a name, as CIDR blocks (RFC 4632, RFC 4291): `blocks` is a list of texts."""

    name = models.CharField(_("name"), max_length=100)
    blocks = models.JSONField(_("address blocks"), default=list)

    class Meta:
        verbose_name = _("network")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="policy_network_name")]

    def __str__(self) -> str:
        return self.name


class AccessRule(TenantModel):
    """One rule: where it applies, what it demands, and whether a new sign-in can cure it.

    Where it applies: an empty list means all. `classifications`, `min_level` and `personal` widen each other
    and look at the fields that are touched; with none of them the data does not matter. What it demands: an
    empty demand is none. `acr` and `amr` are values by spaces, `networks` ids of Network rows as texts.
    """

    class Effect(models.TextChoices):
        """What happens when the sign-in is too weak or too old; other demands no sign-in can cure."""

        STEP_UP = "step_up", _("ask for a new sign-in")
        DENY = "deny", _("refuse")

    name = models.CharField(_("name"), max_length=100)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    actions = models.JSONField(_("actions"), default=list, blank=True)
    apps = models.JSONField(_("apps"), default=list, blank=True)
    classifications = models.JSONField(_("classifications"), default=list, blank=True)
    min_level = models.PositiveSmallIntegerField(
        _("from this level of data on"), null=True, blank=True, validators=[MaxValueValidator(5)]
    )
    personal = models.BooleanField(_("personal data"), default=False)
    raw_only = models.BooleanField(_("only for values in clear"), default=False)
    second_factor = models.BooleanField(_("second factor"), default=False)
    acr = models.CharField(_("authentication contexts (acr)"), max_length=500, blank=True)
    amr = models.CharField(_("authentication methods (amr)"), max_length=200, blank=True)
    max_age_minutes = models.PositiveIntegerField(
        _("minutes since the sign-in"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10_080)],
    )
    device = models.BooleanField(_("compliant device"), default=False)
    networks = models.JSONField(_("networks"), default=list, blank=True)
    max_risk = models.CharField(_("highest risk"), max_length=10, choices=Risk.choices[:2], blank=True)
    effect = models.CharField(
        _("when the sign-in does not do"), max_length=10, choices=Effect.choices, default=Effect.STEP_UP
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("access rule")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="policy_access_rule_name")]

    def __str__(self) -> str:
        return self.name
