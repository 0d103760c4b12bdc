"""Access rules and networks for admins. They lie in policy; what they touch is known here (I4)."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import AdminErrorList, AdminForm
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.governed_admin import GovernedAdmin
from policy import services
from policy.models import AccessRule, Network
from portal.access_preview import preview
from portal.forms import ACTIONS, AccessRuleForm, NetworkForm

PREVIEW = "_preview"


class _Written(GovernedAdmin):
    """Rows that admins add, change and remove, each by its service."""

    search_fields = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins add."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins change."""
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins remove."""
        return True

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Each by the service."""
        for row in queryset:
            self.delete_model(request, row)


@admin.register(AccessRule)
class AccessRuleAdmin(_Written):
    """What people have to show, and for what. "Preview" says what a rule would touch and saves nothing."""

    form = AccessRuleForm
    list_display = ["name", "is_enabled", "applies_to", "effect", "changed_at"]
    list_filter = ["is_enabled", "effect"]
    fieldsets = [
        (None, {"fields": ["name", "is_enabled"]}),
        (
            _("Where it applies"),
            {"fields": ["actions", "apps", "classifications", "min_level", "personal", "raw_only"]},
        ),
        (
            _("What it demands"),
            {
                "fields": [
                    "second_factor",
                    "acr",
                    "amr",
                    "max_age_minutes",
                    "device",
                    "networks",
                    "max_risk",
                ],
                "description": _("All that is filled in has to be met."),
            },
        ),
        (_("Otherwise"), {"fields": ["effect"]}),
    ]

    @admin.display(description=_("applies to"))
    def applies_to(self, rule: AccessRule) -> str:
        """The actions in words."""
        words = {action.value: str(label) for action, label in ACTIONS.items()}
        return ", ".join(words.get(one, one) for one in rule.actions) or gettext("everything")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows who is at it."""
        form = super().get_form(request, obj, change, **kwargs)
        return type("AccessRuleForm", (form,), {"person": request.user})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """A preview goes another way than saving: nothing of it is written."""
        if request.method == "POST" and PREVIEW in request.POST:
            return self._preview(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _preview(self, request: HttpRequest, object_id: str | None) -> HttpResponse:
        rule = self.get_object(request, unquote(object_id)) if object_id else None
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        found = preview(form.instance) if form.is_valid() else None
        sets: Any = self.get_fieldsets(request, rule)
        shown = AdminForm(form, sets, {}, self.get_readonly_fields(request, rule), self)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Preview of an access rule"),
            "adminform": shown,
            "object_id": object_id,
            "original": rule,
            "is_popup": False,
            "media": self.media + shown.media,
            "inline_admin_formsets": [],
            "errors": AdminErrorList(form, []),
            "preview": found,
            "portal_actions": [str(ACTIONS[one]) for one in ACTIONS if found and one in found.portal],
        }
        return self.render_change_form(request, context, add=rule is None, change=rule is not None, obj=rule)

    def save_model(self, request: HttpRequest, obj: AccessRule, form: "ModelForm[Any]", change: bool) -> None:
        """By the service."""
        services.save_access_rule(by=request.user, rule=obj)  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: AccessRule) -> None:
        """By the service."""
        services.remove_access_rule(by=request.user, rule=obj)  # type: ignore[arg-type]


@admin.register(Network)
class NetworkAdmin(_Written):
    """Named address blocks, for access rules."""

    form = NetworkForm
    list_display = ["name", "shown_blocks"]

    @admin.display(description=_("address blocks"))
    def shown_blocks(self, network: Network) -> str:
        """The first of them."""
        more = len(network.blocks) - 5
        return ", ".join(network.blocks[:5]) + (f" +{more}" if more > 0 else "")

    def save_model(self, request: HttpRequest, obj: Network, form: "ModelForm[Any]", change: bool) -> None:
        """By the service."""
        services.save_network(by=request.user, network=obj)  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: Network) -> None:
        """By the service."""
        services.remove_network(by=request.user, network=obj)  # type: ignore[arg-type]
