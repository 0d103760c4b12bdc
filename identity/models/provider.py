"""The identity providers that a tenant brings, and whose addresses lead to which."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from identity.models.tenant import Tenant
from identity.tenancy import uuid7


class IdentityProvider(models.Model):
    """One OpenID Connect or SAML 2.0 provider of one tenant (I1).

    Read before the tenant is known, by the sign-in page and the callbacks: exempt from the tenant wall.
    It holds no secret: what the client and the service provider need lies in the vault by name
    (`secret_name`).
    """

    class Kind(models.TextChoices):
        OIDC = "oidc", _("OpenID Connect")
        SAML = "saml", _("SAML 2.0")

    class Match(models.TextChoices):
        """Which attribute of the account the provider's subject is compared with."""

        EXTERNAL_ID = "external_id", _("id at the provider (externalId)")
        USERNAME = "username", _("user name")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="providers", editable=False)
    slug = models.SlugField(_("short name"), unique=True)  # stands in the addresses of its callbacks
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("protocol"), max_length=10, choices=Kind.choices)
    is_enabled = models.BooleanField(_("enabled"), default=False)
    match = models.CharField(
        _("matches people by"), max_length=20, choices=Match.choices, default=Match.EXTERNAL_ID
    )
    subject = models.CharField(_("claim or attribute that names the person"), max_length=200, blank=True)
    # acr values, or SAML authentication contexts, by spaces and best first
    step_up_contexts = models.CharField(_("contexts that count as a step-up"), max_length=1000, blank=True)
    # OpenID Connect; for SAML the issuer is the provider's entity id
    issuer = models.CharField(_("issuer"), max_length=500)
    client_id = models.CharField(_("client id"), max_length=255, blank=True)
    # SAML 2.0
    metadata = models.TextField(_("metadata (XML)"), blank=True)
    # ours at this provider, PEM, that of the key that signs first; the private keys lie in the vault
    certificates = models.TextField(_("the portal's certificates"), blank=True, editable=False)
    tested_at = models.DateTimeField(_("test passed"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("identity provider")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "issuer"], name="provider_issuer"),
            models.CheckConstraint(
                condition=Q(kind="oidc", metadata="") | Q(kind="saml", client_id=""), name="provider_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secret_name(self) -> str:
        """What the vault calls the client's secret, or the service provider's private key."""
        return f"identity-provider:{self.pk}"


class EmailDomain(models.Model):
    """People with addresses at `domain` sign in at `provider` (home-realm discovery).

    Read before the tenant is known: exempt from the tenant wall.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="domains")
    domain = models.CharField(_("e-mail domain"), max_length=253)

    class Meta:
        verbose_name = _("e-mail domain")
        ordering = ["domain"]
        constraints = [models.UniqueConstraint(Lower("domain"), name="email_domain_once")]

    def __str__(self) -> str:
        return self.domain
