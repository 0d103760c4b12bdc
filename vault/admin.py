"""Tenant keys for admins: versions and ages, never key material."""

from django.contrib import admin

from identity.governed_admin import GovernedAdmin
from vault.models import TenantKey


@admin.register(TenantKey)
class TenantKeyAdmin(GovernedAdmin):
    """Versions of the tenant's keys."""

    list_display = ["purpose", "version", "state", "kms", "created_at", "retired_at"]
    list_filter = ["purpose", "state"]
    fields = ["purpose", "version", "state", "kms", "kek", "created_at", "retired_at"]
