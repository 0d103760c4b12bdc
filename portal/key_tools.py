"""`portal key-certificate verify`, `key-import` and `keyring-protect`: keys from a shell."""

import sys
from pathlib import Path
from typing import Any

from vault.certificates import BadCertificate, verified

OK, BAD, UNREADABLE = 0, 1, 2


def verify(certificate: Path, keys: Path) -> int:
    """Say what a certificate proves. Needs the two files, and neither portal nor database."""
    try:
        token, pems = certificate.read_text(encoding="ascii"), keys.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"cannot be read: {error}\n")
        return UNREADABLE
    try:
        told = verified(token, pems)
    except BadCertificate as error:
        sys.stderr.write(f"NOT VERIFIED: {error}\n")
        return BAD
    lines = [
        f"Verified: {told['iss']} destroyed {len(told['keys'])} keys of tenant {told['tenant']}",
        f"  on {told['destroyed_at']}, granted {told['granted_at']}, asked {told['asked_at']}",
        *(_described(key) for key in told["keys"]),
        f"  {told['data_keys']} data keys that they wrapped were emptied",
    ]
    _say("\n".join(lines))
    return OK


def import_key(slug: str, file: Path) -> int:
    """Make the 32 bytes in `file` the tenant's key; the operator's own way in, on the portal's machine."""
    from identity.errors import DomainError  # needs Django set up
    from identity.models import Tenant
    from identity.tenancy import tenant_scope
    from vault import services

    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        sys.stderr.write(f"there is no tenant {slug}\n")
        return UNREADABLE
    try:
        with tenant_scope(tenant.pk):
            job = services.import_key(by=None, tenant=tenant.pk, key=file.read_bytes())
    except (DomainError, OSError) as error:
        sys.stderr.write(f"not imported: {error}\n")
        return BAD
    _say(f"{tenant.name} has its own key, check value {job.kek.check_value}; {job.total} data keys follow")
    return OK


def protect() -> int:
    """Write the local keyring anew under the passphrase that is given, or in clear without one."""
    from vault.kms import passphrase  # needs Django set up
    from vault.kms.base import KmsError
    from vault.kms.local import LocalKeyring

    try:
        count = LocalKeyring().protect()
    except KmsError as error:
        sys.stderr.write(f"{error}\n")
        return BAD
    _say(f"{count} keys are {'sealed by the passphrase' if passphrase.given() else 'in clear, mode 0600'}")
    return OK


def _described(key: dict[str, Any]) -> str:
    value = f", check value {key['check_value']}" if key["check_value"] else ""
    return f"  {key['name']} (version {key['version']}, {key['origin']}, {key['kms']}{value})"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
