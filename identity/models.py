"""People and groups as the identity provider pushes them, and what a group's members may do."""

import hashlib

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from identity.tenancy import TenantModel, uuid7


class Role(models.TextChoices):
    """What a person is to the portal. Groups grant roles; nothing else does (I3)."""

    BUILDER = "builder", _("Builder")
    REVIEWER = "reviewer", _("Reviewer")
    SECURITY = "security", _("Security")
    ADMIN = "admin", _("Admin")
    AUDITOR = "auditor", _("Auditor")
    END_USER = "end_user", _("End user")


class Tenant(models.Model):
    """A company or unit whose data is apart from every other's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("tenant")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Reads accounts. Accounts are made by identity.services alone, on word of the provider."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.select_related("tenant").get(username=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person as the identity provider knows them. No password is ever usable (I1)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="users")
    username = models.CharField(_("user name"), max_length=254, unique=True)
    external_id = models.CharField(_("id at the provider"), max_length=254, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    display_name = models.CharField(_("name"), max_length=254)
    given_name = models.CharField(_("given name"), max_length=200, blank=True)
    family_name = models.CharField(_("family name"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=200, blank=True)
    manager = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_active = models.BooleanField(_("active"), default=True)
    session_epoch = models.PositiveIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, editable=False)  # the record still names the account
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["external_id"]
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["display_name"]
        constraints = [
            # One provider signs everyone in, so its `sub` names one account in the whole deployment.
            models.UniqueConstraint(
                fields=["external_id"], condition=~models.Q(external_id=""), name="user_external_id"
            ),
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(is_active=False), name="user_removed_inactive"
            ),
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
        from django.conf import settings  # the one use, on a rare path

        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._epoch_hash(secret)

    def _epoch_hash(self, secret: str | None) -> str:
        return salted_hmac(
            "identity.User.session", f"{self.pk}:{self.session_epoch}", secret, algorithm="sha256"
        ).hexdigest()


class Group(TenantModel):
    """A group as the provider pushes it; its members' rights follow from RoleGrant and the apps' roles."""

    name = models.CharField(_("name"), max_length=200)
    external_id = models.CharField(_("id at the provider"), max_length=254, blank=True)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="directory_groups"
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("group")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="group_name"),
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                condition=~models.Q(external_id=""),
                name="group_external_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(TenantModel):
    """One person in one group."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="membership_once")]


class RoleGrant(TenantModel):
    """Members of `group` hold `role` in the portal."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("role grant")
        constraints = [models.UniqueConstraint(fields=["group", "role"], name="role_grant_once")]

    def __str__(self) -> str:
        return f"{self.group} → {self.get_role_display()}"


class ScimClient(models.Model):
    """A provider's right to push people and groups into one tenant (I2).

    Read before the tenant is known, by the hash of its token: exempt from the tenant wall.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="scim_clients")
    name = models.CharField(_("name"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("SCIM client")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash_of(token: str) -> str:
        """Tokens carry 256 random bits, so a plain hash cannot be reversed by guessing."""
        return hashlib.sha256(token.encode()).hexdigest()
