"""Identity's own part of an offboarding."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.models import LoginSession, User
from identity.services.logins import end_all_logins
from identity.services.permissions import drop_object_permissions


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


class ObjectPermissions:
    """Rights that were given to the person himself on datasets and requests end."""

    @property
    def title(self) -> str:
        return _("Rights on single things end")

    def run(self, user: User) -> Sequence[str]:
        """Those of groups end with the membership."""
        names = drop_object_permissions(by=None, user=user)
        return [_("no longer any right on “%(thing)s”") % {"thing": name} for name in names]
