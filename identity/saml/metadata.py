"""What the portal publishes about itself to one provider (SAML 2.0 Metadata)."""

from onelogin.saml2.metadata import OneLogin_Saml2_Metadata

from identity.models import IdentityProvider
from identity.providers import Provider
from identity.saml.keys import certificates_of
from identity.saml.toolkit import settings_of


def sp_metadata(provider: Provider) -> bytes:
    """Entity id, addresses and every current certificate, for signing and for encryption; signed
    assertions are asked for. Needs no private key.

    Raises:
        ProviderDown: the provider's own metadata cannot be used.
    """
    row = IdentityProvider.objects.get(slug=provider.slug)
    certificates = certificates_of(row.certificates)
    sp = settings_of(provider, None).get_sp_data()
    ends = min((one.ends for one in certificates), default=None)
    text = OneLogin_Saml2_Metadata.builder(
        sp, authnsign=True, wsign=True, valid_until=ends.strftime("%Y-%m-%dT%H:%M:%SZ") if ends else None
    )
    for one in reversed(certificates):  # each is put before the others
        text = OneLogin_Saml2_Metadata.add_x509_key_descriptors(text, one.pem)
    return text if isinstance(text, bytes) else text.encode()
