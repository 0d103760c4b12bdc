"""Everybody's sessions and tokens, for admins: seen and ended."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from identity.governed_admin import GovernedAdmin
from identity.models import AccessToken, LoginSession
from identity.services import end_logins, revoke_token


@admin.register(LoginSession)
class LoginSessionAdmin(GovernedAdmin):
    """Sessions of the tenant's people."""

    list_display = ["user", "device", "began_at", "seen_at", "ended_at", "end"]
    list_filter = ["end"]
    list_select_related = ["user"]
    search_fields = ["user__display_name", "user__username"]
    fields = ["user", "device", "issuer", "began_at", "seen_at", "ended_at", "end"]
    actions = ["end_these"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """The table knows no tenant; its people do."""
        rows: QuerySet[Any] = LoginSession.objects.order_by("-seen_at")
        return rows.filter(user__tenant=request.user.tenant_id)  # type: ignore[union-attr]

    @admin.action(description=_("End the chosen sessions"))
    def end_these(self, request: HttpRequest, queryset: "QuerySet[LoginSession]") -> None:
        """From their next request on."""
        user: Any = request.user
        chosen = LoginSession.objects.filter(pk__in=queryset.values("pk"))
        ended = end_logins(by=user, logins=chosen, end=LoginSession.End.ADMIN)
        text = ngettext("%(n)d session ended.", "%(n)d sessions ended.", ended)
        self.message_user(request, text % {"n": ended}, messages.SUCCESS)


@admin.register(AccessToken)
class AccessTokenAdmin(GovernedAdmin):
    """Tokens of the tenant's people."""

    list_display = [
        "name",
        "owner",
        "kind",
        "prefix",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    ]
    list_filter = ["kind"]
    list_select_related = ["owner"]
    search_fields = ["name", "prefix", "owner__display_name", "owner__username"]
    fields = ["name", "owner", "kind", "prefix", "scopes", "created_at", "expires_at", "last_used_at"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke the chosen tokens"))
    def revoke(self, request: HttpRequest, queryset: "QuerySet[AccessToken]") -> None:
        """They are refused from the next request on."""
        user: Any = request.user
        for token in queryset:
            revoke_token(by=user, token_id=token.pk, anyones=True)
        self.message_user(request, gettext("Revoked."), messages.SUCCESS)
