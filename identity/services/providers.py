"""Writes to the providers that a tenant brings (I1). None of them may lock everyone out."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict
from identity.models import EmailDomain, IdentityProvider, LoginSession, User
from identity.providers import RESERVED_SLUGS, deployment
from identity.secrets import keeper
from ledger.events import Event
from ledger.log import record

# What a test proved; a change of one of these needs a new test.
_PROVEN = ("issuer", "client_id", "match", "subject", "metadata")


@dataclass(frozen=True)
class Connection:
    """How a provider is reached and whom it names; texts as the admin gave them."""

    name: str
    issuer: str
    client_id: str = ""
    match: str = IdentityProvider.Match.EXTERNAL_ID.value
    subject: str = ""
    step_up_contexts: str = ""
    metadata: str = ""


@transaction.atomic
def create_provider(
    *, by: User, kind: IdentityProvider.Kind, slug: str, connection: Connection, secret: str = ""
) -> IdentityProvider:
    """A new provider of the admin's tenant, which signs nobody in before it is enabled.

    Raises:
        BadInput: a value does not fit.
        Conflict: the short name, or the issuer within the tenant, is taken.
    """
    if slug in RESERVED_SLUGS:
        raise BadInput(_("This short name is an address of the portal's own."), code="slug")
    row = IdentityProvider(tenant_id=by.tenant_id, kind=kind, slug=slug, **asdict(connection))
    _save(row)
    _record(Event.PROVIDER_CREATED, by, row, {"protocol": row.kind})
    if secret:
        keep_provider_secret(by=by, provider=row, secret=secret)
    return row


@transaction.atomic
def change_provider(*, by: User, provider: IdentityProvider, connection: Connection) -> IdentityProvider:
    """Bring the provider to `connection`; a test that passed before counts no more where it was about that.

    Raises as create_provider does.
    """
    row = IdentityProvider.objects.select_for_update().get(pk=provider.pk)
    values = asdict(connection)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return row
    for name in changed:
        setattr(row, name, values[name])
    if set(changed) & set(_PROVEN):
        row.tested_at = None
    _save(row)
    _record(Event.PROVIDER_CHANGED, by, row, {"attributes": changed})
    return row


@transaction.atomic
def set_email_domains(*, by: User, provider: IdentityProvider, domains: Iterable[str]) -> None:
    """People with addresses at exactly these domains are sent to the provider.

    Raises:
        BadInput: one is no domain name.
        Conflict: one leads to another provider.
    """
    wanted = {domain.strip().lower().removeprefix("@") for domain in domains} - {""}
    present = {row.domain: row for row in provider.domains.select_for_update()}
    if wanted == present.keys():
        return
    for domain in sorted(wanted - present.keys()):
        try:
            DomainNameValidator()(domain)
        except ValidationError as error:
            raise BadInput(_("“%(domain)s” is no domain.") % {"domain": domain}, code="domains") from error
    EmailDomain.objects.filter(
        pk__in=[row.pk for name, row in present.items() if name not in wanted]
    ).delete()
    try:
        with transaction.atomic():
            new = wanted - present.keys()
            EmailDomain.objects.bulk_create(EmailDomain(provider=provider, domain=name) for name in new)
    except IntegrityError as error:
        raise Conflict(_("One of the domains leads to another provider already."), code="domains") from error
    _record(Event.PROVIDER_CHANGED, by, provider, {"domains": sorted(wanted)})


@transaction.atomic
def keep_provider_secret(*, by: User, provider: IdentityProvider, secret: str) -> None:
    """Store the client's newest secret in the vault; nobody reads it back (its record is the vault's)."""
    keeper().keep(by=by, tenant=provider.tenant_id, name=provider.secret_name, value=secret)


@transaction.atomic
def note_provider_test(*, by: User, provider: IdentityProvider, passed: bool) -> None:
    """Remember that a test sign-in there named an admin of the tenant, or did not."""
    if passed:
        IdentityProvider.objects.filter(pk=provider.pk).update(tested_at=timezone.now())
    _record(Event.PROVIDER_TESTED, by, provider, {"passed": passed})


@transaction.atomic
def enable_provider(*, by: User, provider: IdentityProvider) -> None:
    """From now on it signs in the tenant's people, and the deployment's own provider no longer does.

    Raises:
        Conflict: no test sign-in there has named an admin: everyone could be locked out.
    """
    row = IdentityProvider.objects.select_for_update().get(pk=provider.pk)
    if row.tested_at is None:
        raise Conflict(
            _("Test the sign-in first. A provider is enabled when a test has shown that an admin gets in."),
            code="untested",
        )
    if not row.is_enabled:
        IdentityProvider.objects.filter(pk=row.pk).update(is_enabled=True)
        _record(Event.PROVIDER_ENABLED, by, row)


@transaction.atomic
def disable_provider(*, by: User, provider: IdentityProvider) -> None:
    """It signs in nobody any more; sessions that it began go on.

    Raises:
        Conflict: no other way in is left that is known to work for an admin.
    """
    rows = IdentityProvider.objects.select_for_update().filter(tenant=provider.tenant_id, is_enabled=True)
    enabled = {row.pk: row for row in rows}
    row = enabled.pop(provider.pk, None)
    if row is None:
        return
    if not _way_in_is_left(by, list(enabled.values())):
        raise Conflict(
            _(
                "This is the last way in that is known to work: you would lock everyone out. Enable another "
                "provider first, after a test."
            ),
            code="last_way_in",
        )
    IdentityProvider.objects.filter(pk=row.pk).update(is_enabled=False)
    _record(Event.PROVIDER_DISABLED, by, row)


@transaction.atomic
def remove_provider(*, by: User, provider: IdentityProvider) -> None:
    """Delete a provider that is off, with its domains and its secret.

    Raises:
        Conflict: it is enabled.
    """
    row = IdentityProvider.objects.select_for_update().get(pk=provider.pk)
    if row.is_enabled:
        raise Conflict(_("Disable the provider before you delete it."), code="enabled")
    _record(Event.PROVIDER_REMOVED, by, row)
    keeper().drop(by=by, tenant=row.tenant_id, name=row.secret_name)
    row.delete()


def _way_in_is_left(by: User, others: list[IdentityProvider]) -> bool:
    """Another provider of the tenant that passed its test; without any, the deployment's, where the admin
    has signed in before."""
    if others:
        return any(row.tested_at for row in others)
    own = deployment()
    return own is not None and LoginSession.objects.filter(user=by, issuer=own.issuer).exists()


def _save(row: IdentityProvider) -> None:
    try:
        row.clean_fields(exclude=["tenant"])
    except ValidationError as error:
        name, texts = next(iter(error.message_dict.items()))
        raise BadInput(f"{name}: {texts[0]}", code=name) from error
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(
            _("This short name is taken, or your company has a provider of this issuer already."), code="slug"
        ) from error


def _record(event: Event, by: User, row: IdentityProvider, facts: dict[str, object] | None = None) -> None:
    record(event, by=by, tenant=row.tenant_id, obj=f"identity_provider:{row.pk}", facts=facts)
