"""Reveals plaintext secrets, and nothing else. Who may import this is a contract of the house (S2):
`portal.wiring` alone, and the connectors of live apps when they come."""

import uuid

from django.conf import settings
from django.utils.translation import gettext as _

from identity.errors import Unavailable
from identity.tenancy import tenant_scope
from vault import keys
from vault.models import StoredSecret
from vault.sealing import place


class NoSuchSecret(Unavailable):
    """There is no secret of this name; the text names it, which is no secret."""


class Secrets:
    """What an operator gives in the environment or by file (docs/guides/operate.md), and what a tenant's
    admin stored (vault/services.py)."""

    def reveal(self, name: str, *, tenant: uuid.UUID | None = None) -> str:
        """The plaintext of the tenant's secret `name`; without a tenant, of the deployment's.

        Raises:
            NoSuchSecret: it was not given.
            KeysUnavailable: the tenant's keys are away.
        """
        value = settings.SECRETS.get(name, "") if tenant is None else _stored(tenant, name)
        if not value:
            raise NoSuchSecret(_("The secret “%(name)s” is not set up.") % {"name": name})
        return str(value)


def _stored(tenant: uuid.UUID, name: str) -> str:
    with tenant_scope(tenant):
        row = StoredSecret.objects.filter(tenant=tenant, name=name).order_by("-version").first()
        if row is None:
            return ""
        return keys.decrypt_secret(tenant, place(row), bytes(row.sealed))
