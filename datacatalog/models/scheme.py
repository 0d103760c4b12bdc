"""A tenant's own words for how sensitive data is and where it lies."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datacatalog.masking import Method
from identity.tenancy import TenantModel


class Classification(TenantModel):
    """A class of data and what it implies. Ordered by level: 0 is open to all."""

    code = models.SlugField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=100)
    description = models.CharField(_("description"), max_length=400, blank=True)
    level = models.PositiveSmallIntegerField(_("level"))
    personal = models.BooleanField(_("personal data"), default=False)
    protected = models.BooleanField(_("encrypted and masked"), default=False)
    mask = models.CharField(
        _("mask"), max_length=10, blank=True, choices=[(method.value, method.value) for method in Method]
    )
    smallest_group = models.PositiveSmallIntegerField(
        _("smallest group shown"),
        default=5,
        validators=[MinValueValidator(2)],
        help_text=_("Charts over data of this class show no group of fewer records (k-anonymity)."),
    )
    regulations = models.JSONField(_("regulations"), default=list, blank=True)
    retention_min_days = models.PositiveIntegerField(_("kept at least (days)"), null=True, blank=True)
    retention_max_days = models.PositiveIntegerField(_("kept at most (days)"), null=True, blank=True)

    class Meta:
        verbose_name = _("classification")
        ordering = ["level", "code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="classification_code"),
            models.CheckConstraint(
                condition=Q(protected=False) | ~Q(mask=""), name="classification_protected_is_masked"
            ),
            models.CheckConstraint(condition=Q(smallest_group__gte=2), name="classification_smallest_group"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The title in the reader's language, if it is one of those that every tenant starts with."""
        return gettext(self.title)


class Region(TenantModel):
    """A place where data is stored, and the law over it."""

    code = models.SlugField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=100)
    jurisdiction = models.SlugField(_("jurisdiction"), max_length=40)
    provider = models.CharField(_("provider"), max_length=100)
    sovereign = models.BooleanField(_("sovereign"), default=False)

    class Meta:
        verbose_name = _("region")
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="region_code")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The title in the reader's language, if it is one of those that every tenant starts with."""
        return gettext(self.title)
