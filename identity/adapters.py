"""allauth's adapters with everything shut that makes, joins or changes accounts (I1)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


class NoLocalAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up, no password: people come by SCIM and sign in at their provider."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        raise PermissionDenied

    def authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        return


class ProvisionedPeopleOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """No provider but those that identity.sso makes itself; never an account for whom SCIM has not sent."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """None: none can be added through allauth's table or settings."""
        return []
