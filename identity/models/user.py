"""A person as the identity provider pushes them."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from identity.tenancy import uuid7


class UserManager(BaseUserManager["User"]):
    """Reads accounts. Accounts are made by identity.services alone, on word of the provider."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.select_related("tenant").get(username=username)


class Risk(models.TextChoices):
    """How likely it is that somebody else uses the account, as signals say (CAEP risk-level-change)."""

    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")


class User(AbstractBaseUser, PermissionsMixin):
    """A person as the identity provider knows them. No password is ever usable (I1)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("identity.Tenant", models.PROTECT, related_name="users")
    username = models.CharField(_("user name"), max_length=254)
    external_id = models.CharField(_("id at the provider"), max_length=254, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    email_type = models.CharField(max_length=20, default="work", blank=True)  # as the provider calls it
    email_primary = models.BooleanField(default=True, null=True, blank=True)
    display_name = models.CharField(_("name"), max_length=254)
    formatted_name = models.CharField(_("name in full"), max_length=254, blank=True)
    given_name = models.CharField(_("given name"), max_length=200, blank=True)
    family_name = models.CharField(_("family name"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=200, blank=True)
    employee_number = models.CharField(_("employee number"), max_length=100, blank=True)
    cost_center = models.CharField(_("cost centre"), max_length=100, blank=True)
    organization = models.CharField(_("organization"), max_length=200, blank=True)
    division = models.CharField(_("division"), max_length=200, blank=True)
    manager = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # attributes by their SCIM names, by spaces, that the provider gave no value though one is needed here
    unassigned = models.CharField(max_length=60, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveBigIntegerField(default=1, editable=False)  # of what SCIM shows (ETag)
    session_epoch = models.PositiveIntegerField(default=0)
    risk = models.CharField(_("risk"), max_length=10, choices=Risk.choices, default=Risk.LOW)
    risk_at = models.DateTimeField(_("risk reported"), null=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)  # the record still names the account
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    breaks_glass = False  # for one request: its session is admin for a while (identity/sessions.py)

    # Django's groups and permissions of accounts are shut: rights come from the directory's groups and, on
    # single things, from django-guardian, which asks an account for its `groups`
    user_permissions = None  # type: ignore[assignment]

    @property
    def groups(self) -> Any:  # type: ignore[override]
        """The directory's groups."""
        return self.directory_groups

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["external_id"]
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["display_name"]
        indexes = [
            models.Index("tenant", Lower("email"), name="user_email_any_case"),
            # pages and counts of the directory, without reading the rows
            models.Index(fields=["tenant", "id"], condition=models.Q(removed_at=None), name="user_of_tenant"),
        ]
        constraints = [
            # Two tenants may have the same provider, or one of the same people.
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                condition=~models.Q(external_id=""),
                name="user_external_id",
            ),
            models.UniqueConstraint("tenant", Lower("username"), name="user_username_any_case"),
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(is_active=False), name="user_removed_inactive"
            ),
            models.CheckConstraint(
                condition=models.Q(risk="low") | models.Q(risk_at__isnull=False), name="user_risk_reported"
            ),
            # guardian and Django would ask such an account for no right at all
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="user_no_superuser"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        words = self.display_name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if words[1:] else words)).upper()

    @property
    def is_staff(self) -> bool:
        """Django admin's own door-keeper asks this; roles answer (identity/backends.py)."""
        return self.is_active and self.has_perm("portal.use_admin")

    def get_session_auth_hash(self) -> str:
        """Changes with the epoch, so that raising it ends every session at its next request."""
        return self._epoch_hash(None)

    def get_session_auth_fallback_hash(self):  # type: ignore[no-untyped-def]
        """The same under retired secret keys (SECRET_KEY_FALLBACKS)."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._epoch_hash(secret)

    def _epoch_hash(self, secret: str | None) -> str:
        return salted_hmac(
            "identity.User.session", f"{self.pk}:{self.session_epoch}", secret, algorithm="sha256"
        ).hexdigest()
