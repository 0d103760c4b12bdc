"""What every page of Django admin has in common here: the admin's own tenant, read-only unless a service
writes, and no second log beside the record."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _


class Named(admin.AllValuesFieldListFilter):
    """Every value that occurs; the empty one has words too, or its link would have no name."""

    def choices(self, changelist: Any) -> Any:
        """As the base gives them."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("None")}


class GovernedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Lists and shows; a subclass that may add or delete says so and calls a service (A1)."""

    list_per_page = 50
    recorded_as = ""  # how the record names such objects, where it is not the model's name
    show_full_result_count = False
    save_as = save_on_top = False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Rows of the admin's tenant, also of tables that the database does not wall."""
        return super().get_queryset(request).filter(tenant=request.user.tenant_id)  # type: ignore[union-attr]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The site's own door is passed already (portal/admin_site.py)."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Every admin sees what is listed."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are changed by services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are removed by services."""
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The object's story is in the record, and there alone."""
        about = f"{self.recorded_as or self.opts.model_name}:{object_id}"
        return redirect(f"{reverse('audit:events')}?{urlencode({'object': about})}")

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The service has recorded it; Django's own log stays empty."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """As log_addition."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """As log_addition."""
