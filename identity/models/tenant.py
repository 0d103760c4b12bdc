"""A tenant."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.tenancy import uuid7


class Tenant(models.Model):
    """A company or unit whose data is apart from every other's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    # Changes with the tenant's access rules, so that a request knows them without a query (policy/rules.py);
    # empty while none were ever set up.
    access_revision = models.UUIDField(null=True, editable=False)
    # Kept by the vault for the same reason: whether a key that the company brought is above all its data.
    brings_own_key = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("tenant")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
