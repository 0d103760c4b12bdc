"""Tenant keys for admins: versions and ages, never key material."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.errors import DomainError
from identity.governed_admin import GovernedAdmin
from vault import services, signing
from vault.models import TenantKey


@admin.register(TenantKey)
class TenantKeyAdmin(GovernedAdmin):
    """Versions of the tenant's keys."""

    list_display = ["purpose", "version", "key", "state", "kek", "created_at", "retired_at"]
    list_filter = ["purpose", "state"]
    fields = ["purpose", "version", "state", "kek", "created_at", "retired_at"]
    actions = ["announce", "sign_by_announced"]

    @admin.display(description=_("key id"))
    def key(self, row: TenantKey) -> str:
        """Of signing keys alone: who verifies asks for it by this name."""
        return signing.name_of(row) if row.purpose == TenantKey.Purpose.SIGNING else "–"

    @admin.action(description=_("Signatures: announce the next key"))
    def announce(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Whichever rows are chosen: there is one next key."""
        user: Any = request.user
        made = services.announce_signing_key(by=user, tenant=user.tenant_id)
        text = gettext("Key %(key)s is announced. Let it sign when all who verify have it.")
        self.message_user(request, text % {"key": signing.name_of(made)}, messages.SUCCESS)

    @admin.action(description=_("Signatures: sign by the announced key from now on"))
    def sign_by_announced(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """As the service does; without an announced key nothing happens."""
        user: Any = request.user
        try:
            made = services.rotate_signing_key(by=user, tenant=user.tenant_id)
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
            return
        text = gettext("Key %(key)s signs from now on.") % {"key": signing.name_of(made)}
        self.message_user(request, text, messages.SUCCESS)
