"""Revisions of the rules: what is proposed, and what was put in force (P4, P6, docs/adr/0080)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel
from policy.file_diffs import FileDiff, diffs
from policy.rulebook import Rulebook
from policy.states import OPEN_VERSIONS, VersionState


class RulesVersion(TenantModel):
    """A revision of the rules that somebody proposes; it belongs to the operating tenant.

    `files` holds the texts by name, tests included; `base` is the revision that was in force when it was
    proposed. `checks` grows while they run (`{"name", "ok", "detail"}`), and whoever runs them renews
    `claimed_at`: a worker that is gone leaves it behind.
    """

    number = models.PositiveIntegerField(_("number"))
    revision = models.CharField(_("revision"), max_length=64)
    files = models.JSONField(_("files"))
    base = models.CharField(_("revision that it changes"), max_length=64)
    message = models.TextField(_("why"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    state = models.CharField(
        _("state"), max_length=10, choices=VersionState.choices, default=VersionState.CHECKING
    )
    checks = models.JSONField(_("checks"), default=list)
    claimed_at = models.DateTimeField(null=True)
    request = models.UUIDField(_("request"), null=True)
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        verbose_name = _("version of the rules")
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["tenant", "revision"], name="policy_version_revision"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="policy_version_state"),
            models.CheckConstraint(
                condition=Q(state=VersionState.PUBLISHED, published_at__isnull=False)
                | (~Q(state=VersionState.PUBLISHED) & Q(published_at__isnull=True)),
                name="policy_version_published",
            ),
            models.UniqueConstraint(fields=["tenant", "number"], name="policy_version_number"),
            models.UniqueConstraint(
                fields=["tenant", "revision"],
                condition=Q(state__in=sorted(OPEN_VERSIONS)),
                name="policy_version_open_once",
            ),
        ]

    def __str__(self) -> str:
        return _text("Version %(number)d") % {"number": self.number}

    def get_absolute_url(self) -> str:
        """The page of the version."""
        return reverse("policy:version", args=[self.pk])

    @property
    def obj(self) -> str:
        """How events and requests name it."""
        return f"rules:{self.pk}"

    @property
    def rulebook(self) -> Rulebook:
        """The rules without their tests, as engines take them."""
        return Rulebook.of(self.files)

    def diff(self, other: Rulebook) -> list[FileDiff]:
        """What this version would change in `other`, rule file by rule file."""
        return diffs(dict(other.modules), dict(self.rulebook.modules))


class RulesInForce(models.Model):
    """One time that rules were put in force; the newest row decides for every tenant, and is never changed.

    No tenant: the rules are the platform's. `base` is the revision that the release shipped then; `version`
    is the RulesVersion, none for the release's own rules.
    """

    id = models.BigAutoField(primary_key=True)
    revision = models.CharField(_("revision"), max_length=64)
    modules = models.JSONField(_("rules"))
    base = models.CharField(_("revision of the release"), max_length=64)
    at = models.DateTimeField(_("in force from"))
    version = models.UUIDField(_("version"), null=True)

    class Meta:
        verbose_name = _("rules in force")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.revision[:12]}"

    @property
    def rulebook(self) -> Rulebook:
        """As engines take them."""
        return Rulebook.of(self.modules)
