"""What can be known of a SAML provider before anybody signs in there, for the admin's page."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.discovery import ProviderDown
from identity.provider_check import Check
from identity.providers import Provider
from identity.saml.idp import BadMetadata, IdP, idp_of
from identity.saml.keys import Certificate, certificates_of
from identity.saml.toolkit import pairs_of


def checks_of(provider: Provider, own_certificates: str) -> list[Check]:
    """Metadata, certificates of both sides, the portal's key, and what will be asked for."""
    try:
        idp = idp_of(provider.metadata)
    except BadMetadata as error:
        text = _("The metadata cannot be used: %(why)s.") % {"why": error}
        return [Check("stop", text, _("Paste the provider's current metadata."))]
    found = [Check("ok", _("The metadata can be read and names one identity provider."))]
    return [*found, *_theirs(idp), *_ours(provider, own_certificates), *_wishes(provider, idp)]


def _theirs(idp: IdP) -> Iterator[Check]:
    if idp.valid_until and idp.valid_until < timezone.now():
        yield Check("warn", _("The metadata has expired."), _("Fetch or paste it anew."))
    current = [one for one in idp.certificates if one.is_current]
    if not current:
        remedy = _("Renew the certificate at the provider, then paste its new metadata.")
        yield Check("stop", _("None of the provider's signing certificates is in date."), remedy)
    for one in current:
        yield _certificate(one, _("The provider's signing certificate is good until %(day)s."))


def _ours(provider: Provider, own_certificates: str) -> Iterator[Check]:
    try:
        pairs_of(provider)
    except ProviderDown:
        yield Check("stop", _("The portal's private key cannot be read from the vault."))
    for one in certificates_of(own_certificates):
        yield _certificate(one, _("The portal's certificate is good until %(day)s."))


def _certificate(one: Certificate, text: str) -> Check:
    text %= {"day": date_format(one.ends)}
    if not one.is_current:
        return Check("warn", text, _("It is out of date."))
    return Check("warn" if one.ends_soon else "ok", text, _("Renew it soon.") if one.ends_soon else "")


def _wishes(provider: Provider, idp: IdP) -> Iterator[Check]:
    yield Check("ok", _("The portal asks for signed assertions and takes no others."))
    if not provider.step_up_contexts:
        remedy = _("Admin pages and protected values stay shut without one.")
        yield Check("warn", _("No context counts as a step-up."), remedy)
    if not idp.slo_url:
        yield Check("warn", _("It has no single logout: a person's session there outlives the one here."))
