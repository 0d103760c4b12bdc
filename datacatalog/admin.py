"""The data catalog for admins: to look at; what changes a row is a service."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from datacatalog import services
from datacatalog.models import Classification, Dataset, DatasetField, ImportRun, Region
from identity.governed_admin import GovernedAdmin


@admin.register(Classification)
class ClassificationAdmin(GovernedAdmin):
    """The tenant's classes of data."""

    list_display = ["title", "code", "level", "personal", "protected", "mask", "smallest_group"]
    list_filter = ["personal", "protected"]


@admin.register(Region)
class RegionAdmin(GovernedAdmin):
    """Where data is stored."""

    list_display = ["title", "code", "jurisdiction", "provider", "sovereign"]
    list_filter = ["jurisdiction", "sovereign"]


@admin.register(Dataset)
class DatasetAdmin(GovernedAdmin):
    """Datasets of contracts and apps."""

    list_display = ["title", "origin", "region", "owner", "in_source", "changed_at"]
    list_filter = ["origin", "region", "in_source"]
    list_select_related = ["region", "owner"]
    search_fields = ["title", "name"]
    actions = ["confirm_suggested_tags"]

    @admin.action(description=_("Confirm the suggested tags of untagged fields"))
    def confirm_suggested_tags(self, request: HttpRequest, queryset: "QuerySet[Dataset]") -> None:
        """For every chosen dataset."""
        count = 0
        for dataset in queryset:
            count += services.confirm_suggestions(by=request.user, dataset=dataset)  # type: ignore[arg-type]
        text = ngettext("%(n)d field tagged.", "%(n)d fields tagged.", count)
        self.message_user(request, text % {"n": count})


@admin.register(DatasetField)
class DatasetFieldAdmin(GovernedAdmin):
    """Fields and their tags."""

    list_display = ["label", "dataset", "type", "classification", "confirmed_by", "confirmed_at"]
    list_filter = ["classification", "type", "in_source"]
    list_select_related = ["dataset", "classification", "confirmed_by"]
    search_fields = ["name", "label", "dataset__title"]


@admin.register(ImportRun)
class ImportRunAdmin(GovernedAdmin):
    """Files that were brought in, and what came of them."""

    list_display = ["file_name", "state", "by", "region", "created_at"]
    list_filter = ["state"]
    list_select_related = ["by", "region"]
    search_fields = ["file_name", "digest"]
    fields = ["file_name", "state", "by", "region", "digest", "contract_id", "contract_version", "counts"]
