"""Datasets and their fields, whether described by a contract or made by an app."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from datacatalog.models.batch import TagBatch
from datacatalog.models.scheme import Classification, Region
from datacatalog.specs import FieldType
from identity.models import User
from identity.models.permission import GroupGrant, UserGrant
from identity.tenancy import TenantModel

FIELD_TYPES = [
    (FieldType.TEXT.value, _("Text")),
    (FieldType.LONG_TEXT.value, _("Long text")),
    (FieldType.EMAIL.value, _("E-mail")),
    (FieldType.PHONE.value, _("Phone")),
    (FieldType.URL.value, _("Web address")),
    (FieldType.INTEGER.value, _("Whole number")),
    (FieldType.MONEY.value, _("Money")),
    (FieldType.DATE.value, _("Date")),
    (FieldType.DATETIME.value, _("Date and time")),
    (FieldType.BOOLEAN.value, _("Yes or no")),
    (FieldType.CHOICE.value, _("Choice")),
]


class Dataset(TenantModel):
    """A set of records of one shape, stored in one region."""

    class Origin(models.TextChoices):
        ODCS = "odcs", _("data contract")
        FILE = "file", _("file")
        OPENAPI = "openapi", _("API")
        SQL = "sql", _("database")
        APP = "app", _("app")

    name = models.CharField(_("name"), max_length=200)  # the source's own; stable
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="owned_datasets")
    steward = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="kept_datasets")
    region = models.ForeignKey(Region, models.PROTECT, related_name="datasets")
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices)
    # the contract, file, API or database that it came from; "" for those of apps
    contract_id = models.CharField(_("source"), max_length=200, blank=True)
    contract_version = models.CharField(_("version of the source"), max_length=60, blank=True)
    app = models.UUIDField(_("app"), null=True, blank=True)
    retention_days = models.PositiveIntegerField(_("kept for (days)"), null=True, blank=True)
    purposes = models.JSONField(_("purposes"), default=list, blank=True)
    in_source = models.BooleanField(_("in its source"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("dataset")
        ordering = ["title", "id"]
        indexes = [models.Index(fields=["tenant", "title", "id"], name="dataset_by_title")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "origin", "contract_id", "name"],
                condition=~Q(origin="app"),
                name="dataset_of_source",
            ),
            models.UniqueConstraint(
                fields=["tenant", "app", "name"], condition=Q(origin="app"), name="dataset_of_app"
            ),
            models.CheckConstraint(
                condition=(~Q(origin="app") & Q(app=None))
                | Q(origin="app", app__isnull=False, contract_id=""),
                name="dataset_origin",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page in the catalog."""
        return reverse("datacatalog:dataset", args=[self.pk])


class DatasetUserGrant(UserGrant):
    """A person's right on one dataset: `change_dataset` makes him its steward."""

    content_object = models.ForeignKey(Dataset, models.CASCADE, related_name="user_grants")

    @classmethod
    def app_of(cls, thing: Dataset) -> uuid.UUID | None:
        """The app that it is of, if any."""
        return thing.app


class DatasetGroupGrant(GroupGrant):
    """A group's right on one dataset."""

    content_object = models.ForeignKey(Dataset, models.CASCADE, related_name="group_grants")

    @classmethod
    def app_of(cls, thing: Dataset) -> uuid.UUID | None:
        """The app that it is of, if any."""
        return thing.app


class DatasetField(TenantModel):
    """One field. It is tagged when a person has confirmed its classification, and not before."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="fields")
    position = models.PositiveIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=200)  # the source's own; stable
    label = models.CharField(_("label"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    type = models.CharField(_("type"), max_length=20, choices=FIELD_TYPES)
    source_type = models.CharField(_("type in the source"), max_length=100, blank=True)
    required = models.BooleanField(_("required"), default=False)
    classification = models.ForeignKey(
        Classification, models.PROTECT, null=True, blank=True, related_name="fields"
    )
    residency = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="fields")
    purpose = models.CharField(_("purpose"), max_length=400, blank=True)
    retention_days = models.PositiveIntegerField(_("kept for (days)"), null=True, blank=True)
    # {"classification": code, "reason": code, "params": {...}, "confidence": 0..1, "kind": masking.Kind}
    suggestion = models.JSONField(_("suggestion"), default=dict, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    # the bulk tagging that set the tag, for as long as nobody has tagged the field since
    batch = models.ForeignKey(TagBatch, models.SET_NULL, null=True, blank=True, related_name="fields")
    downgrade_reason = models.CharField(_("reason for tagging lower"), max_length=400, blank=True)
    in_source = models.BooleanField(_("in its source"), default=True)
    # the field that an app's field was taken from, for lineage (D7)
    source = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="taken_as", verbose_name=_("taken from")
    )

    class Meta:
        verbose_name = _("field")
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["tenant", "name"], name="datasetfield_by_name")]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="datasetfield_name"),
            models.CheckConstraint(
                condition=Q(classification=None, confirmed_by=None, confirmed_at=None)
                | Q(classification__isnull=False, confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="datasetfield_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def badge(self) -> dict[str, Any]:
        """For _components/badge.html: its class in words and its level; empty while it is untagged."""
        known = self.classification
        return {"label": known.label, "level": known.level} if known else {}
