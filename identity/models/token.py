"""Rights of programs to act for a person, and the pairing of a device that asks for one."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models.login import LoginSession
from identity.models.tenant import Tenant
from identity.models.user import User
from identity.tenancy import uuid7


class Scope(models.TextChoices):
    """What a token may do at most; what its owner may not do it may not either."""

    APPS_READ = "apps:read", _("See which apps you may use")
    RECORDS_READ = "records:read", _("Read records of those apps, masked as on their pages")
    EXPORTS_CREATE = "exports:create", _("Ask for exports of those apps")
    POLICY_PROPOSE = "policy:propose", _("Propose rules, and see how their checks went")
    DECISIONS_CREATE = "decisions:create", _("Ask the policy what you, or users of apps you own, may do")


class AccessToken(models.Model):
    """A bearer token (RFC 6750) for /api/v1/, as a hash: the token itself is shown once (I5).

    Read before the tenant is known, by its hash: exempt from the tenant wall. `proof` is how its maker had
    signed in (issuer, sub, sid, acr, amr, auth_time), which conditional access asks for.
    """

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("personal")
        SERVICE = "service", _("service")
        DEVICE = "device", _("command line")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="access_tokens", verbose_name=_("owner"))
    # the session that made it: what ends that session on word of the provider ends the token too
    login = models.ForeignKey(LoginSession, models.SET_NULL, null=True, related_name="+", editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=16)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    proof = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("access token")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="access_token_owner")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="access_token_expiry")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        """Whether it is neither revoked nor out of date; its owner is asked about on each use."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class DeviceGrant(models.Model):
    """One run of the device authorization grant (RFC 8628): a program waits while a person decides.

    Read before the tenant is known, by the hashes of its codes: exempt from the tenant wall.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DENIED = "denied"
        TAKEN = "taken"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    device_hash = models.CharField(max_length=64, unique=True)
    user_hash = models.CharField(max_length=64, unique=True)
    client_name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    interval = models.PositiveSmallIntegerField(default=5)  # seconds between polls; grows by slow_down
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    login = models.ForeignKey(LoginSession, models.SET_NULL, null=True, related_name="+")
    proof = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="device_grant_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", user=None) | ~Q(state="waiting"), name="device_grant_waiting"
            ),
            models.CheckConstraint(
                condition=Q(state="approved", user__isnull=False) | ~Q(state="approved"),
                name="device_grant_approved",
            ),
        ]
