"""People, groups and what they may do, for admins. People and groups themselves come by SCIM."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from identity import provider_admin  # noqa: F401 - registers its pages
from identity.governed_admin import GovernedAdmin
from identity.models import Group, Risk, RoleGrant, User
from identity.saml import admin as saml_admin  # noqa: F401 - registers its pages
from identity.scim import admin as scim_admin  # noqa: F401 - registers its pages
from identity.services import end_sessions, grant_role, revoke_role, set_risk
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


__all__ = ["AccessTokenAdmin", "LoginSessionAdmin", "SignalStreamAdmin"]
