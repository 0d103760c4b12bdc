"""People, groups and what they may do, for admins. People and groups themselves come by SCIM."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from identity.governed_admin import GovernedAdmin, Named
from identity.models import Group, Risk, RoleGrant, User
from identity.services import end_sessions, set_risk


@admin.register(User)
class UserAdmin(GovernedAdmin):
    """People as the provider pushed them."""

    list_display = ["display_name", "username", "unit", "manager", "is_active", "risk", "changed_at"]
    list_filter = ["is_active", "risk", ("unit", Named)]
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
    actions = ["end_their_sessions", "report_high_risk", "clear_risk"]

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
