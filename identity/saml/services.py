"""Writes to providers that speak SAML: connected and renewed by metadata, keys rotated with overlap (I1)."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict
from identity.models import IdentityProvider, User
from identity.providers import provider_of
from identity.saml.idp import BadMetadata, idp_of
from identity.saml.keys import KeyPair, new_pair, packed, unpacked
from identity.secrets import keeper, resolver
from identity.services import Connection, change_provider, create_provider
from ledger.events import Event
from ledger.log import record


@transaction.atomic
def create_saml_provider(*, by: User, slug: str, connection: Connection) -> IdentityProvider:
    """A new provider by its metadata, with a key of the portal's own; it signs nobody in before it is
    enabled. The entity id is the metadata's, whatever `connection` says.

    Raises:
        BadInput: a value does not fit, or the metadata cannot be used.
        Conflict: the short name, or the entity id within the tenant, is taken.
    """
    row = create_provider(
        by=by, kind=IdentityProvider.Kind.SAML, slug=slug, connection=_described(connection)
    )
    _keep(by, row, [new_pair(f"{slug} service provider")])
    return row


@transaction.atomic
def change_saml_provider(*, by: User, provider: IdentityProvider, connection: Connection) -> IdentityProvider:
    """Bring the provider to `connection`; with new metadata its certificates are those and no others.

    Raises as create_saml_provider does; BadInput also for the metadata of another entity.
    """
    described = _described(connection)
    if described.issuer != provider.issuer:
        text = _("This is the metadata of another provider: its entity id is “%(id)s”.")
        raise BadInput(text % {"id": described.issuer}, code="metadata")
    return change_provider(by=by, provider=provider, connection=described)


@transaction.atomic
def add_saml_key(*, by: User, provider: IdentityProvider) -> None:
    """A second key: published and good for decryption at once, while the first goes on signing.

    Raises:
        Conflict: there are two already.
    """
    row, pairs = _locked(provider)
    if len(pairs) > 1:
        raise Conflict(_("There are two keys already. Remove the old one first."), code="keys")
    _keep(by, row, [*pairs, new_pair(f"{row.slug} service provider")])
    _record(by, row, "added")


@transaction.atomic
def use_saml_key(*, by: User, provider: IdentityProvider) -> None:
    """The newer key signs from now on; the older one still decrypts.

    Raises:
        Conflict: there is only one key.
    """
    row, pairs = _locked(provider)
    if len(pairs) < 2:
        raise Conflict(_("There is no second key. Add one first."), code="keys")
    _keep(by, row, pairs[::-1])
    _record(by, row, "used")


@transaction.atomic
def remove_saml_key(*, by: User, provider: IdentityProvider) -> None:
    """The key that does not sign is gone; what was encrypted for it can no longer be read.

    Raises:
        Conflict: there is only one key.
    """
    row, pairs = _locked(provider)
    if len(pairs) < 2:
        raise Conflict(_("The only key cannot be removed."), code="keys")
    _keep(by, row, pairs[:1])
    _record(by, row, "removed")


def _described(connection: Connection) -> Connection:
    try:
        idp = idp_of(connection.metadata)
    except BadMetadata as error:
        text = _("The metadata cannot be used: %(why)s.") % {"why": error}
        raise BadInput(text, code="metadata") from error
    return replace(connection, issuer=idp.entity_id, client_id="")


def _locked(provider: IdentityProvider) -> tuple[IdentityProvider, list[KeyPair]]:
    row = IdentityProvider.objects.select_for_update().get(pk=provider.pk)
    return row, unpacked(resolver().reveal(provider_of(row).secret_name, tenant=row.tenant_id))


def _keep(by: User, row: IdentityProvider, pairs: list[KeyPair]) -> None:
    """The private halves to the vault, the certificates to where the public metadata finds them."""
    keeper().keep(by=by, tenant=row.tenant_id, name=row.secret_name, value=packed(pairs))
    row.certificates = "".join(pair.certificate for pair in pairs)
    row.save(update_fields=["certificates"])


def _record(by: User, row: IdentityProvider, what: str) -> None:
    facts = {"key": what, "certificates": row.certificates.count("BEGIN")}
    record(
        Event.PROVIDER_CHANGED, by=by, tenant=row.tenant_id, obj=f"identity_provider:{row.pk}", facts=facts
    )
