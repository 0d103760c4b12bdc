"""People, groups and what they may do, for admins. People and groups themselves come by SCIM."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from identity.governed_admin import GovernedAdmin
from identity.models import Group, RoleGrant, ScimClient, User
from identity.services import end_sessions, issue_scim_token, revoke_scim_client


@admin.register(User)
class UserAdmin(GovernedAdmin):
    """People as the provider pushed them."""

    list_display = ["display_name", "username", "unit", "manager", "is_active", "changed_at"]
    list_filter = ["is_active", "unit"]
    search_fields = ["display_name", "username"]
    list_select_related = ["manager"]
    fields = [
        "display_name",
        "username",
        "email",
        "external_id",
        "unit",
        "manager",
        "time_zone",
        "is_active",
        "access",
    ]
    readonly_fields = ["access"]
    actions = ["end_their_sessions"]

    @admin.display(description=_("access"))
    def access(self, user: User) -> str:
        """Leads to what the person may do, and why."""
        url = reverse("access-of", args=[user.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("What this person can do and why"))

    @admin.action(description=_("End every session of the chosen people"))
    def end_their_sessions(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        """They must sign in again; what they were doing is kept in their drafts."""
        people = list(queryset)
        for user in people:
            end_sessions(by=request.user, user=user)  # type: ignore[arg-type]
        text = ngettext("Sessions of %(n)d person ended.", "Sessions of %(n)d people ended.", len(people))
        self.message_user(request, text % {"n": len(people)})


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
        """By name, leading to the table where they are changed."""
        names = ", ".join(grant.get_role_display() for grant in group.role_grants.all())
        url = f"{reverse('roles')}?{urlencode({'q': group.name})}"
        return format_html('<a href="{}">{}</a>', url, names or gettext("None"))


@admin.register(RoleGrant)
class RoleGrantAdmin(GovernedAdmin):
    """Which group grants which role, to read: it is changed in the portal, where a preview comes first."""

    list_display = ["group", "role"]
    list_filter = ["role"]
    list_select_related = ["group"]
    search_fields = ["group__name"]
    fields = ["group", "role"]


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
