"""Decision points elsewhere: unmodified OPA agents that pull the tenant's rules and report back (P4)."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models import HashedToken, Tenant
from identity.tenancy import TenantModel, uuid7

NAME_CHARS = 60


class OpaAgent(TenantModel):
    """One agent, or several processes of one configuration that share its token: the last word counts.

    `revision` is what it was last known to run; `current_at` when that last was the revision in force.
    """

    name = models.CharField(
        _("name"),
        max_length=NAME_CHARS,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z", _("Small letters, digits and hyphens."))],
        help_text=_("Small letters, digits and hyphens. Its decisions are shown under it."),
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    reported_at = models.DateTimeField(_("last status"), null=True, editable=False)
    current_at = models.DateTimeField(_("last up to date"), null=True, editable=False)
    revision = models.CharField(_("revision of the rules"), max_length=64, blank=True, editable=False)
    fault = models.CharField(_("what is wrong"), max_length=64, blank=True, editable=False)
    version = models.CharField(_("version of OPA"), max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("OPA agent")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="policy_agent_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def engine(self) -> str:
        """As its decisions name what decided."""
        return f"agent:{self.name}"


class OpaToken(HashedToken):
    """One token of an agent. Read before the tenant is known, by its hash: exempt from the tenant wall."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", editable=False)
    agent = models.ForeignKey(OpaAgent, models.CASCADE, related_name="tokens")

    class Meta(HashedToken.Meta):
        verbose_name = _("token of an OPA agent")
        verbose_name_plural = _("tokens of OPA agents")
