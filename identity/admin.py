"""People, groups and what they may do, for admins. People and groups themselves come by SCIM."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from identity import provider_admin  # noqa: F401 - registers its pages
from identity.governed_admin import GovernedAdmin
from identity.models import Group, Risk, RoleGrant, ScimClient, User
from identity.saml import admin as saml_admin  # noqa: F401 - registers its pages
from identity.services import (
    end_sessions,
    grant_role,
    issue_scim_token,
    revoke_role,
    revoke_scim_client,
    set_risk,
)
from identity.signal_admin import SignalStreamAdmin
from identity.token_admin import AccessTokenAdmin, LoginSessionAdmin


class Named(admin.AllValuesFieldListFilter):
    """Every value that occurs; the empty one has words too, or its link would have no name."""

    def choices(self, changelist: Any) -> Any:
        """As the base gives them."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("None")}


@admin.register(User)
class UserAdmin(GovernedAdmin):
    """People as the provider pushed them."""

    list_display = ["display_name", "username", "unit", "manager", "is_active", "risk", "changed_at"]
    list_filter = ["is_active", "risk", ("unit", Named)]
    search_fields = ["display_name", "username"]
    list_select_related = ["manager"]
    fields = ["display_name", "username", "email", "external_id", "unit", "manager", "time_zone", "is_active"]
    actions = ["end_their_sessions", "report_high_risk", "clear_risk"]

    @admin.action(description=_("End every session of the chosen people"))
    def end_their_sessions(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        """They must sign in again; what they were doing is kept in their drafts."""
        people = list(queryset)
        for user in people:
            end_sessions(by=request.user, user=user)  # type: ignore[arg-type]
        text = ngettext("Sessions of %(n)d person ended.", "Sessions of %(n)d people ended.", len(people))
        self.message_user(request, text % {"n": len(people)})

    @admin.action(description=_("Report a high risk for the chosen people"))
    def report_high_risk(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        """Access rules that ask for a lower risk refuse them until it is cleared."""
        for user in queryset:
            set_risk(by=request.user, user=user, level=Risk.HIGH, source="admin")  # type: ignore[arg-type]

    @admin.action(description=_("Clear the risk of the chosen people"))
    def clear_risk(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        """What signals said of them no longer counts."""
        for user in queryset:
            set_risk(by=request.user, user=user, level=Risk.LOW, source="admin")  # type: ignore[arg-type]


@admin.register(Group)
class GroupAdmin(GovernedAdmin):
    """Groups as the provider pushed them, with the roles that they grant."""

    list_display = ["name", "member_count", "external_id", "changed_at"]
    search_fields = ["name"]
    fields = ["name", "external_id", "roles", "changed_at"]
    readonly_fields = ["roles"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the number of members, in the one query of the list."""
        rows: QuerySet[Any] = super().get_queryset(request).annotate(members_now=Count("memberships"))
        return rows

    @admin.display(description=_("members"), ordering="members_now")
    def member_count(self, group: Any) -> int:
        """How many people are in it."""
        return int(group.members_now)

    @admin.display(description=_("grants the roles"))
    def roles(self, group: Group) -> str:
        """By name; they are granted on the page of role grants."""
        return ", ".join(grant.get_role_display() for grant in group.role_grants.all()) or "–"


@admin.register(RoleGrant)
class RoleGrantAdmin(GovernedAdmin):
    """Which group grants which role."""

    list_display = ["group", "role"]
    list_filter = ["role"]
    list_select_related = ["group"]
    search_fields = ["group__name"]
    fields = ["group", "role"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins grant."""
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins revoke."""
        return True

    def save_model(self, request: HttpRequest, obj: RoleGrant, form: "ModelForm[Any]", change: bool) -> None:
        """Grant, by the service."""
        granted = grant_role(by=request.user, group=obj.group, role=obj.role)  # type: ignore[arg-type]
        obj.pk = granted.pk

    def delete_model(self, request: HttpRequest, obj: RoleGrant) -> None:
        """Revoke, by the service."""
        revoke_role(by=request.user, group=obj.group, role=obj.role)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[RoleGrant]") -> None:
        """Revoke each, by the service."""
        for grant in queryset.select_related("group"):
            self.delete_model(request, grant)


@admin.register(ScimClient)
class ScimClientAdmin(GovernedAdmin):
    """Tokens with which a provider pushes people and groups. A token is shown once, when it is made."""

    list_display = ["name", "created_at", "last_used_at", "revoked_at"]
    fields = ["name", "created_at", "last_used_at", "revoked_at"]
    readonly_fields = ["created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins issue tokens."""
        return True

    def save_model(self, request: HttpRequest, obj: ScimClient, form: "ModelForm[Any]", change: bool) -> None:
        """Issue the token, by the service; it lives in this request and nowhere else."""
        user: Any = request.user
        client, token = issue_scim_token(by=user, tenant=user.tenant, name=obj.name)
        obj.pk = client.pk
        request._scim_token = token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ScimClient, post_url_continue: str | None = None
    ) -> Any:
        """Show the token, this once."""
        context = {**self.admin_site.each_context(request), "client": obj, "title": gettext("New token")}
        context["token"] = request._scim_token  # type: ignore[attr-defined]
        response: HttpResponse = render(request, "admin/identity/scimclient/token.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description=_("Revoke the chosen tokens"))
    def revoke(self, request: HttpRequest, queryset: "QuerySet[ScimClient]") -> None:
        """They are refused from the next request on."""
        for client in queryset:
            revoke_scim_client(by=request.user, client=client)  # type: ignore[arg-type]
        self.message_user(request, gettext("Revoked."), messages.SUCCESS)


__all__ = ["AccessTokenAdmin", "LoginSessionAdmin", "SignalStreamAdmin"]
