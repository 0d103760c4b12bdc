"""Groups as the provider pushes them, and what their members may do."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models.user import User
from identity.tenancy import TenantModel


class Role(models.TextChoices):
    """What a person is to the portal. Groups grant roles; nothing else does (I3)."""

    BUILDER = "builder", _("Builder")
    REVIEWER = "reviewer", _("Reviewer")
    SECURITY = "security", _("Security")
    ADMIN = "admin", _("Admin")
    AUDITOR = "auditor", _("Auditor")
    END_USER = "end_user", _("End user")

    @classmethod
    def grantable(cls) -> "list[Role]":
        """Those that a group can grant: end users are all who sign in."""
        return [role for role in cls if role is not cls.END_USER]


class Group(TenantModel):
    """A group as the provider pushes it; its members' rights follow from RoleGrant and the apps' roles."""

    name = models.CharField(_("name"), max_length=200)
    external_id = models.CharField(_("id at the provider"), max_length=254, blank=True)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="directory_groups"
    )
    version = models.PositiveBigIntegerField(default=1, editable=False)  # of what SCIM shows (ETag)
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


class RoleChange(TenantModel):
    """What an admin is about to change in the table of groups and portal roles: one at most, not yet saved.

    `changes` are [group id, role, whether it is to be granted], those that differ from the table.
    """

    admin = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="role_change")
    changes = models.JSONField(default=list)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("change of roles")

    def __str__(self) -> str:
        return f"{len(self.changes)}"
