"""People, groups and what they may do, for admins. People and groups themselves come by SCIM."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from identity.governed_admin import GovernedAdmin
from identity.models import Group, RoleGrant, User
from identity.scim import admin as _scim_admin  # noqa: F401 - registers its pages
from identity.services import end_sessions, grant_role, revoke_role


@admin.register(User)
class UserAdmin(GovernedAdmin):
    """People as the provider pushed them."""

    list_display = ["display_name", "username", "unit", "manager", "is_active", "changed_at"]
    list_filter = ["is_active", "unit"]
    search_fields = ["display_name", "username"]
    list_select_related = ["manager"]
    fields = ["display_name", "username", "email", "external_id", "unit", "manager", "time_zone", "is_active"]
    actions = ["end_their_sessions"]

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
