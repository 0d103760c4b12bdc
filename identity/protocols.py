"""What each sign-in protocol does for its providers: one module a protocol, all of this form."""

from typing import Protocol

from django.http import HttpRequest, HttpResponse

from identity import sso
from identity.answers import StepUp
from identity.discovery import ProviderDown
from identity.models import IdentityProvider
from identity.providers import Provider
from identity.saml import protocol as saml


class SignInProtocol(Protocol):
    """How browsers are sent to a provider; each raises ProviderDown where it cannot be reached."""

    def begin(
        self,
        request: HttpRequest,
        provider: Provider,
        *,
        next_url: str,
        step_up: StepUp | None = None,
        login_hint: str = "",
        is_test: bool = False,
    ) -> HttpResponse:
        """Send the browser there, to come back with an answer."""
        ...

    def origins(self, provider: Provider) -> list[str]:
        """Where forms of ours may end by redirects: for a page's `form-action`."""
        ...

    def leave(self, provider: Provider, hint: str) -> str:
        """The address there that ends its session too; empty when it has none."""
        ...


PROTOCOLS: dict[str, SignInProtocol] = {
    IdentityProvider.Kind.OIDC.value: sso,
    IdentityProvider.Kind.SAML.value: saml,
}


def protocol_of(provider: Provider) -> SignInProtocol:
    """The protocol that `provider` speaks.

    Raises:
        ProviderDown: this installation does not speak it.
    """
    try:
        return PROTOCOLS[provider.kind]
    except KeyError:
        raise ProviderDown(f"protocol {provider.kind}") from None
