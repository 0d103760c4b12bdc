"""Which secrets a person who leaves has known (identity/offboarding.py): they are listed for rotation.

Nobody can read a stored secret; whoever stored it knew its value all the same.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from identity.models import User
from vault.models import StoredSecret


class KnownSecrets:
    """The vault's part of an offboarding."""

    @property
    def title(self) -> str:
        return _("Secrets to rotate")

    def run(self, user: User) -> Sequence[str]:
        """The names of those that `user` stored and nobody has replaced since."""
        known = StoredSecret.objects.filter(created_by=user.pk).order_by("name")
        return [_("rotate “%(name)s”") % {"name": name} for name in known.values_list("name", flat=True)]
