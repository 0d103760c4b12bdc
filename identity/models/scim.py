"""A provider's right to push people and groups, the tokens that prove it, and what was last asked."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.hashed_token import HashedToken
from identity.models.tenant import Tenant
from identity.tenancy import TenantModel, uuid7


class ScimScope(models.TextChoices):
    """What a client may do at /scim/v2 (scopes in the sense of RFC 6749, 3.3)."""

    USERS_READ = "users:read", _("read people")
    USERS_WRITE = "users:write", _("change people")
    GROUPS_READ = "groups:read", _("read groups")
    GROUPS_WRITE = "groups:write", _("change groups")


ALL_SCOPES = tuple(ScimScope)


class ScimClient(models.Model):
    """A provider's right to push people and groups into one tenant (I2).

    Read before the tenant is known, through the hash of a token: exempt from the tenant wall.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="scim_clients")
    name = models.CharField(_("name"), max_length=100)
    scope = models.CharField(_("may"), max_length=200, default=" ".join(ALL_SCOPES))  # by spaces
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("SCIM client")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> list[ScimScope]:
        """What it may do."""
        return [ScimScope(word) for word in self.scope.split()]


class ScimToken(HashedToken):
    """One token of a client. Read before the tenant is known, by its hash: exempt from the tenant wall."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(ScimClient, models.CASCADE, related_name="tokens")

    class Meta(HashedToken.Meta):
        verbose_name = _("SCIM token")


class ScimCall(TenantModel):
    """One request of a client and what came of it: for the admin who sets provisioning up.

    The last of each client are kept (`identity.services.scim.CALLS_KEPT`); the record of what changed is the
    ledger. No name, address or value of a person stands here, only ids and kinds of errors.
    """

    client = models.ForeignKey(ScimClient, models.CASCADE, related_name="calls")
    at = models.DateTimeField(_("time"), auto_now_add=True)
    method = models.CharField(_("method"), max_length=10)
    resource_type = models.CharField(_("resource"), max_length=30)
    resource_id = models.UUIDField(_("id"), null=True)
    status = models.PositiveSmallIntegerField(_("status"))
    scim_type = models.CharField(_("error"), max_length=30, blank=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(_("duration (ms)"))
    request = models.CharField(_("request id"), max_length=64)

    class Meta:
        verbose_name = _("SCIM request")
        ordering = ["-id"]
        indexes = [models.Index(fields=["client", "-id"], name="scim_call_client")]
        constraints = [
            models.CheckConstraint(condition=Q(status__gte=100, status__lt=600), name="scim_call_status")
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.resource_type} {self.status}"
