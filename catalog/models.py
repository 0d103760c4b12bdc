"""Apps, their immutable versions, and the drafts that versions are made from."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalog import manifest as m
from catalog.states import PENDING, STORED, AppState, DraftState, TemplateState, VersionState
from identity.models.permission import UserGrant
from identity.tenancy import TenantModel, uuid7
from ledger.events import Event

SHA256 = r"^[0-9a-f]{64}$"


def _one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


class App(TenantModel):
    """One micro app. What it is stands in its live version's manifest; here is where to find that."""

    slug = models.SlugField(_("address"), max_length=60)
    title = models.CharField(_("title"), max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="owned_apps")
    unit = models.CharField(_("unit"), max_length=200, blank=True)
    region = models.CharField(_("hosting region"), max_length=40)
    state = models.CharField(_("state"), max_length=12, choices=AppState.choices, default=AppState.NEW)
    # the live pointer: which version people use, and the database that holds its records
    live_version = models.ForeignKey("AppVersion", models.PROTECT, null=True, related_name="+")
    database = models.CharField(max_length=40, default="default")
    created_at = models.DateTimeField(auto_now_add=True)
    live_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("app")
        ordering = ["title", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="app_slug"),
            _one_of("state", AppState, "app_state"),
            models.CheckConstraint(
                condition=Q(state=AppState.LIVE, live_version__isnull=False, live_at__isnull=False)
                | (~Q(state=AppState.LIVE) & Q(live_version__isnull=True)),
                name="app_live_pointer",
            ),
            models.CheckConstraint(
                condition=Q(state=AppState.RETIRED, retired_at__isnull=False)
                | (~Q(state=AppState.RETIRED) & Q(retired_at__isnull=True, retired_by__isnull=True)),
                name="app_retired_at_by",
            ),
        ]
        indexes = [models.Index(fields=["owner", "title"], name="app_by_owner")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page for its builders; its users' pages are the runtime's."""
        return reverse("catalog:app", args=[self.slug])


class AppUserGrant(UserGrant):
    """A person's right on one app: `change_app` makes a co-owner, who may change it beside its owner.

    People alone, no groups: who owns an app takes no part in approving it (policy/library/separation.rego),
    and that must not change with a group's members.
    """

    content_object = models.ForeignKey(App, models.CASCADE, related_name="user_grants")

    granted_event = Event.APP_CO_OWNER_ADDED
    revoked_event = Event.APP_CO_OWNER_REMOVED

    @classmethod
    def app_of(cls, thing: App) -> uuid.UUID:
        """The app itself."""
        return thing.pk


class AppVersion(TenantModel):
    """One submitted manifest. The database refuses to change or delete what was submitted (trigger)."""

    app = models.ForeignKey(App, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    manifest = models.TextField()
    digest = models.CharField(max_length=64)
    template_id = models.CharField(max_length=60)
    template_version = models.CharField(max_length=40)
    template_kept = models.BooleanField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(
        _("state"), max_length=12, choices=VersionState.choices, default=VersionState.SUBMITTED
    )
    decision = models.UUIDField(null=True)
    request = models.UUIDField(null=True)
    launching_at = models.DateTimeField(null=True)
    launch_tries = models.PositiveSmallIntegerField(default=0)
    live_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True)
    # ids of the fields that are stored encrypted: fixed when it goes live, whatever becomes of their classes
    sealed = models.JSONField(null=True)

    class Meta:
        verbose_name = _("version")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["app", "number"], name="version_number"),
            _one_of("state", VersionState, "version_state"),
            models.CheckConstraint(condition=Q(digest__regex=SHA256), name="version_digest"),
            models.CheckConstraint(
                condition=~Q(state=VersionState.LAUNCHING) | Q(launching_at__isnull=False),
                name="version_launching_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[VersionState.LIVE, VersionState.REPLACED]) | Q(live_at__isnull=False),
                name="version_live_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(STORED)) | Q(sealed__isnull=False), name="version_sealed"
            ),
            models.UniqueConstraint(
                fields=["app"], condition=Q(state__in=sorted(PENDING)), name="version_one_pending"
            ),
            models.UniqueConstraint(
                fields=["app"], condition=Q(state=VersionState.LAUNCHING), name="version_one_launching"
            ),
            models.UniqueConstraint(
                fields=["app"], condition=Q(state=VersionState.LIVE), name="version_one_live"
            ),
        ]
        indexes = [
            models.Index(
                fields=["launching_at"], condition=Q(state=VersionState.LAUNCHING), name="version_launching"
            )
        ]

    def __str__(self) -> str:
        return f"{self.app} {self.number}"

    @cached_property
    def parsed(self) -> m.Manifest:
        """The manifest; it was checked when it was submitted."""
        return m.parse(self.manifest)

    @property
    def encrypted(self) -> frozenset[str]:
        """The ids of the fields that it stores encrypted.

        Raises:
            ValueError: it was never on its way to live, so that is not settled.
        """
        if self.sealed is None:
            raise ValueError(f"version {self.pk} has no storage")
        return frozenset(self.sealed)


class TemplateRelease(TenantModel):
    """What a tenant's admins say of one version of a template; the template itself is a file."""

    template_id = models.CharField(_("template"), max_length=60)
    version = models.CharField(_("version"), max_length=40)
    state = models.CharField(
        _("state"), max_length=12, choices=TemplateState.choices, default=TemplateState.PUBLISHED
    )
    reason = models.CharField(
        _("why it is withdrawn"),
        max_length=400,
        blank=True,
        help_text=_("The owners of apps made from it read this. Name no person."),
    )
    changed_at = models.DateTimeField(_("changed"), null=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("template")
        ordering = ["template_id", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "template_id", "version"], name="template_release_once"
            ),
            _one_of("state", TemplateState, "template_release_state"),
            models.CheckConstraint(
                condition=Q(changed_at=None, changed_by=None)
                | Q(changed_at__isnull=False, changed_by__isnull=False),
                name="template_release_changed",
            ),
            models.CheckConstraint(
                condition=Q(state=TemplateState.PUBLISHED, reason="")
                | (Q(state=TemplateState.WITHDRAWN, changed_at__isnull=False) & ~Q(reason="")),
                name="template_release_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} {self.version}"


class Draft(TenantModel):
    """What a builder works on, saved on every change; at most one manifest away from a version."""

    builder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts")
    template_id = models.CharField(max_length=60)
    # given at the start, so that facts, events and a later App all speak of the same id
    app_id = models.UUIDField(default=uuid7, editable=False)
    base = models.ForeignKey(AppVersion, models.PROTECT, null=True, related_name="+")
    version = models.ForeignKey(AppVersion, models.PROTECT, null=True, related_name="+")
    title = models.CharField(_("title"), max_length=120, blank=True)
    content = models.JSONField()
    step = models.CharField(max_length=20, default="purpose")
    state = models.CharField(max_length=12, choices=DraftState.choices, default=DraftState.OPEN)
    # optimistic lock: a save names the revision that it was made from, or comes from the last editor
    revision = models.PositiveIntegerField(default=1)
    editor = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("draft")
        ordering = ["-changed_at"]
        constraints = [
            models.UniqueConstraint(fields=["app_id"], name="draft_one_an_app"),
            _one_of("state", DraftState, "draft_state"),
            models.CheckConstraint(
                condition=~Q(state=DraftState.SUBMITTED) | Q(version__isnull=False),
                name="draft_submitted_version",
            ),
        ]
        indexes = [models.Index(fields=["builder", "-changed_at"], name="draft_by_builder")]

    def __str__(self) -> str:
        return self.title or str(_("Untitled app"))

    def get_absolute_url(self) -> str:
        """Where the builder left off."""
        return reverse("catalog:step", args=[self.pk, self.step])
