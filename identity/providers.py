"""Which provider signs in whom: those that tenants bring, and the deployment's own for all others (I1)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.urls import reverse

from identity.models import EmailDomain, IdentityProvider, User
from identity.secrets import resolver

# Names that stand beside the providers' own under /sign-in/.
RESERVED_SLUGS = frozenset({"callback", "backchannel-logout", "find", "metadata", "saml", "test", "sign-in"})


@dataclass(frozen=True)
class Provider:
    """One provider as sign-in needs it, whatever its protocol. Holds no secret."""

    name: str
    issuer: str  # for SAML the provider's entity id
    client_id: str = ""
    kind: str = IdentityProvider.Kind.OIDC.value
    id: uuid.UUID | None = None  # None: the deployment's own
    slug: str = ""  # in the addresses of its callbacks; empty: the deployment's own
    tenant: uuid.UUID | None = None  # whose people it signs in; None: of tenants that bring none
    match: str = IdentityProvider.Match.EXTERNAL_ID.value
    subject: str = ""  # the claim or attribute that names the person; empty: the protocol's own
    step_up_contexts: tuple[str, ...] = ()
    metadata: str = ""
    is_enabled: bool = True

    @property
    def key(self) -> str:
        """What a sign-in under way and a session keep to name it; no two providers share one."""
        return str(self.id) if self.id else "deployment"

    @property
    def secret_name(self) -> str:
        """What the SecretResolver calls the client's secret."""
        return f"identity-provider:{self.id}" if self.id else "oidc-client"

    def secret(self) -> str:
        """The client's secret.

        Raises:
            DomainError: nobody stored one, or the tenant's keys are away.
        """
        return resolver().reveal(self.secret_name, tenant=self.tenant)

    def path(self, page: str) -> str:
        """The path of one of its own addresses: "callback", "backchannel-logout"."""
        if not self.slug:
            return reverse(f"sign-in-{page}")
        return reverse(f"provider-{page}", kwargs={"provider": self.slug})

    def url(self, page: str) -> str:
        """The same in full, from the configuration: a forged Host header must not choose it."""
        return str(settings.BASE_URL) + self.path(page)

    def people(self) -> "QuerySet[User]":
        """The accounts that it may sign in: its tenant's; the deployment's own, those of tenants without."""
        everyone = User.objects.select_related("tenant").filter(removed_at=None)
        if self.tenant:
            return everyone.filter(tenant_id=self.tenant)
        return everyone.exclude(tenant__in=IdentityProvider.objects.filter(is_enabled=True).values("tenant"))

    def accounts(self, subject: str) -> list[User]:
        """At most two accounts that it calls `subject`: one is the person, two are none."""
        if not subject:
            return []
        people = self.people().order_by()
        if self.match == IdentityProvider.Match.USERNAME:
            return list(people.alias(lowered=Lower("username")).filter(lowered=subject.lower())[:2])
        return list(people.filter(external_id=subject)[:2])


def provider_of(row: IdentityProvider) -> Provider:
    """The provider that a tenant's admin described."""
    return Provider(
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        kind=row.kind,
        id=row.pk,
        slug=row.slug,
        tenant=row.tenant_id,
        match=row.match,
        subject=row.subject,
        step_up_contexts=tuple(row.step_up_contexts.split()),
        metadata=row.metadata,
        is_enabled=row.is_enabled,
    )


def deployment() -> Provider | None:
    """The one that the operator configured (OIDC_ISSUER), for tenants that bring none."""
    own = _from_settings()
    return own if own.issuer and own.client_id else None


def by_slug(slug: str, *, enabled: bool = True) -> Provider | None:
    """The tenant's provider of that short name; also one that is off, where `enabled` is False."""
    return _first(IdentityProvider.objects.filter(slug=slug, is_enabled__in={True, enabled}))


def by_key(key: str) -> Provider | None:
    """The enabled provider of that `key`. The deployment's own is there for the sessions that it began even
    while the operator has taken it away."""
    if key == "deployment":
        return _from_settings()
    try:
        return _first(IdentityProvider.objects.filter(pk=uuid.UUID(key), is_enabled=True))
    except ValueError:
        return None


def by_issuer(tenant: uuid.UUID, issuer: str) -> Provider | None:
    """The provider of `issuer` that signs in people of `tenant`."""
    rows = IdentityProvider.objects.filter(tenant=tenant, issuer=issuer, is_enabled=True)
    own = _from_settings()
    return _first(rows) or (own if own.issuer == issuer else None)


def by_email(address: str) -> Provider | None:
    """Where people with such addresses sign in (home-realm discovery); unclaimed ones at the deployment's."""
    domain = address.rpartition("@")[2].lower()
    claimed = EmailDomain.objects.alias(lowered=Lower("domain")).filter(lowered=domain)
    found = claimed.filter(provider__is_enabled=True).select_related("provider").first()
    return provider_of(found.provider) if found else deployment()


def only_one() -> Provider | None:
    """The one at which everyone signs in; None where there are several, or none."""
    rows: Iterable[IdentityProvider] = IdentityProvider.objects.filter(is_enabled=True)[:2]
    found = [provider_of(row) for row in rows]
    own = deployment()
    if own:
        found.append(own)
    return found[0] if len(found) == 1 else None


def any_at_all() -> bool:
    """Whether anybody can sign in."""
    return deployment() is not None or IdentityProvider.objects.filter(is_enabled=True).exists()


def _from_settings() -> Provider:
    configured = settings.OIDC
    return Provider(
        name=configured["name"],
        issuer=configured["issuer"],
        client_id=configured["client_id"],
        step_up_contexts=tuple(str(configured["step_up_acr"]).split()),
    )


def _first(rows: "QuerySet[IdentityProvider]") -> Provider | None:
    row = rows.first()
    return provider_of(row) if row else None
