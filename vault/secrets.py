"""Reveals plaintext secrets, and nothing else. Who may import this is a contract of the house (S2):
`portal.wiring` alone, and the connectors of live apps when they come."""

from django.conf import settings
from django.utils.translation import gettext as _

from identity.errors import Unavailable


class NoSuchSecret(Unavailable):
    """The deployment holds no secret of this name; the text names it, which is no secret."""


class DeploymentSecrets:
    """The secrets that an operator gives in the environment or by file (docs/guides/operate.md)."""

    def reveal(self, name: str) -> str:
        """The plaintext of `name`.

        Raises:
            NoSuchSecret: it was not given.
        """
        value = settings.SECRETS.get(name, "")
        if not value:
            raise NoSuchSecret(_("The secret “%(name)s” is not set up.") % {"name": name})
        return str(value)
