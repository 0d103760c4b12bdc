"""One import: who brought what, what came of it; and a contract's own words, to go out again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from datacatalog.models.dataset import Dataset
from datacatalog.models.scheme import Region
from identity.models import User
from identity.tenancy import TenantModel

KINDS = [choice for choice in Dataset.Origin.choices if choice[0] != Dataset.Origin.APP]


class ImportRun(TenantModel):
    """A source from upload to import. What was read is kept while the preview waits; values never are."""

    class State(models.TextChoices):
        READING = "reading", _("being read")
        PREVIEW = "preview", _("waiting for confirmation")
        DONE = "done", _("imported")
        REFUSED = "refused", _("refused")

    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=KINDS, default=Dataset.Origin.ODCS)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    file_name = models.CharField(_("file"), max_length=200)
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    contract_id = models.CharField(_("source"), max_length=200, blank=True)
    contract_version = models.CharField(_("version of the source"), max_length=60, blank=True)
    # datacatalog/plans.py: datasets and fields with their suggestions, as read and as mapped
    plan = models.JSONField(null=True, blank=True, editable=False)
    # a contract's own text, or a database's address with its password, under the tenant's keys
    sealed = models.BinaryField(null=True, blank=True, editable=False)
    samples = models.BooleanField(_("samples may be read"), default=False)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    # [{"line": int, "path": str, "text": str}], texts in the language of who uploaded
    errors = models.JSONField(_("errors"), default=list, blank=True)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["reading", "preview"], finished_at=None)
                | Q(
                    state__in=["done", "refused"],
                    plan__isnull=True,
                    sealed__isnull=True,
                    finished_at__isnull=False,
                ),
                name="importrun_finished",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ContractDocument(TenantModel):
    """The contract as it came last, under the tenant's keys: its examples may be people's data."""

    contract_id = models.CharField(_("source"), max_length=200)
    sealed = models.BinaryField(editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("contract’s text")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "contract_id"], name="contractdocument_of_source")
        ]
