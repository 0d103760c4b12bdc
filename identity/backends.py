"""Permissions by portal role. No backend here, nor elsewhere, signs anybody in by a password (I1)."""

import uuid
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from identity.models import Role, User
from identity.roles import roles_of


class DirectoryBackend(BaseBackend):
    """Answers Django's permission questions from the roles that the person's groups grant."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Nobody: sign-in is the provider's (identity/sso.py)."""
        return

    def get_user(self, user_id: uuid.UUID | str) -> User | None:
        """The account of a session, with its tenant, if it is still active."""
        return User.objects.select_related("tenant").filter(pk=user_id, is_active=True).first()

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        """Admins may use Django admin; everything else is decided by each app's permissions.py."""
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return False
        return perm == "portal.use_admin" and Role.ADMIN in roles_of(user_obj)
