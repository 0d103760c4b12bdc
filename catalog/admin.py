"""Which templates are offered. What is in them is code, and is shown nowhere here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from catalog import services
from catalog.models import TemplateRelease
from catalog.states import TemplateState
from catalog.templates import registry
from identity.governed_admin import GovernedAdmin


class ReleaseForm(forms.ModelForm):  # type: ignore[type-arg]
    """Published, or withdrawn for a reason."""

    class Meta:
        model = TemplateRelease
        fields = ["state", "reason"]

    def clean(self) -> dict[str, Any]:
        """A withdrawal says why; what is published has nothing to say."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("state") == TemplateState.PUBLISHED:
            values["reason"] = ""
        elif not values.get("reason", "").strip():
            self.add_error("reason", _("Say why, so that the owners of apps made from it know what to do."))
        return values


@admin.register(TemplateRelease)
class TemplateReleaseAdmin(GovernedAdmin):
    """Templates of the library, and older versions that apps were made from."""

    form = ReleaseForm
    list_display = ["title", "version", "state", "reason", "changed_by", "changed_at"]
    list_filter = ["state"]
    list_select_related = ["changed_by"]
    search_fields = ["template_id"]
    fields = ["title", "version", "state", "reason", "changed_by", "changed_at"]
    readonly_fields = ["title", "version", "changed_by", "changed_at"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What came into the library since the last look is listed as well."""
        services.list_releases(by=request.user)  # type: ignore[arg-type]
        return super().changelist_view(request, extra_context)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins publish and withdraw."""
        return True

    @admin.display(description=_("template"), ordering="template_id")
    def title(self, release: TemplateRelease) -> str:
        """What people call it; one that is gone from the library keeps its id."""
        template = registry().get(release.template_id)
        return template.title if template else release.template_id

    def save_model(self, request: HttpRequest, obj: TemplateRelease, form: Any, change: bool) -> None:
        """By the services; a form that changes nothing does nothing."""
        if "state" not in form.changed_data:
            return
        by: Any = request.user
        if obj.state == TemplateState.WITHDRAWN:
            services.withdraw_template(by=by, release=obj, reason=obj.reason)
        else:
            services.publish_template(by=by, release=obj)
