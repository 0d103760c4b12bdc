"""What the portal is called at a provider, and where it answers. From the configuration: a forged Host
header must not choose it."""

from django.conf import settings
from django.urls import reverse

from identity.providers import Provider


def path_of(provider: Provider, page: str) -> str:
    """The path of one of the provider's own addresses: "metadata", "acs", "finish", "slo"."""
    return reverse(f"saml-{page}", kwargs={"saml_slug": provider.slug})


def url_of(provider: Provider, page: str) -> str:
    """The same in full. That of the metadata is also the portal's entity id there: a name of its own at
    each provider, so that what one tenant's says is never meant for another's."""
    return str(settings.BASE_URL) + path_of(provider, page)
