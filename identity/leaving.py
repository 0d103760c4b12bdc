"""Identity's own part of an offboarding."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.models import AccessToken, LoginSession, User
from identity.services.logins import end_all_logins
from identity.services.permissions import drop_object_permissions
from identity.services.tokens import end_tokens


class Sessions:
    """Every session ends; those of before a reactivation do not come back."""

    @property
    def title(self) -> str:
        return _("Sessions end")

    def run(self, user: User) -> Sequence[str]:
        """They ended with the deactivation itself; one that was opened in the same moment ends here."""
        if not user.is_active:
            end_all_logins(user=user, end=LoginSession.End.DEACTIVATED)
        ended = LoginSession.objects.filter(user=user, end=LoginSession.End.DEACTIVATED).count()
        text = ngettext("%(n)d session ended", "%(n)d sessions ended", ended)
        return [text % {"n": ended}] if ended else []


class Tokens:
    """Every access token is revoked; none of them works again after a reactivation."""

    @property
    def title(self) -> str:
        return _("Access tokens end")

    def run(self, user: User) -> Sequence[str]:
        """They were revoked with the deactivation itself; one made in the same moment ends here."""
        if not user.is_active:
            end_tokens(by=None, tokens=Q(owner=user), why=LoginSession.End.DEACTIVATED.value)
        revoked = AccessToken.objects.filter(owner=user, revoked_at__isnull=False).order_by("name")
        return [
            _("“%(name)s” is revoked") % {"name": name} for name in revoked.values_list("name", flat=True)
        ]


class ObjectPermissions:
    """Rights that were given to the person himself on apps, datasets and requests end."""

    @property
    def title(self) -> str:
        return _("Rights on single things end")

    def run(self, user: User) -> Sequence[str]:
        """Those of groups end with the membership."""
        names = drop_object_permissions(by=None, user=user)
        return [_("no longer any right on “%(thing)s”") % {"thing": name} for name in names]
