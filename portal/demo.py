"""The demo's tenants, people and data. Everything goes the way that a company's would: people arrive by
SCIM over HTTP, roles are granted to groups, a contract is imported. Running it again changes nothing."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from datacatalog.models import Dataset, Region
from datacatalog.services.imports import import_contract
from identity.errors import Missing
from identity.models import Role, ScimToken, Tenant, User
from identity.tenancy import tenant_scope
from portal import services

CONTRACT = settings.BASE_DIR / "tests" / "data" / "odcs" / "postgresql-adventureworks-contract.odcs.yaml"
TENANTS = {"contoso": "Contoso", "northwind-eu": "Northwind EU"}
ROLES = {
    "Builders": Role.BUILDER,
    "Reviewers": Role.REVIEWER,
    "Security": Role.SECURITY,
    "Platform admins": Role.ADMIN,
    "Auditors": Role.AUDITOR,
}


class SeedFailed(RuntimeError):
    """The provider could not push its people; the text is what it said."""


def seed() -> None:
    """Bring the demo to its first state, as far as it is not there yet.

    Raises:
        SeedFailed: the push over SCIM failed.
    """
    for slug, name in TENANTS.items():
        tenant = services.set_up_tenant(slug=slug, name=name)
        _push(tenant)
        for group, role in ROLES.items():
            with suppress(Missing):  # Northwind has not every group
                services.grant(tenant=tenant, group=group, role=role)
    _contract(Tenant.objects.get(slug="contoso"))


def _contract(tenant: Tenant) -> None:
    """Lena imports the AdventureWorks contract, whose fields nobody has tagged yet."""
    lena = User.objects.get(tenant=tenant, display_name="Lena Marsh")
    with tenant_scope(tenant.pk):
        if not Dataset.objects.exists():
            eu = Region.objects.get(code="eu")
            import_contract(by=lena, file_name=CONTRACT.name, content=CONTRACT.read_bytes(), region=eu)


def _push(tenant: Tenant) -> None:
    """Let the development provider push its people, with a token that this tenant gave it."""
    command = [sys.executable, "-m", "devidp", "push", "--scim-url", f"{settings.BASE_URL}/scim/v2"]
    done = subprocess.run(  # noqa: S603 - our own command and arguments
        [*command, "--token-file", str(_token(tenant)), "--company", tenant.slug],
        env=dict(os.environ),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SeedFailed(done.stderr.strip())


def _token(tenant: Tenant) -> Path:
    """The file of the provider's token for this tenant; issued when there is none that still works."""
    path = settings.DATA_DIR / "secrets" / f"scim-{tenant.slug}"
    if path.exists():
        known = ScimToken.hash_of(path.read_text(encoding="utf-8"))
        if ScimToken.objects.filter(hash=known, revoked_at=None).exists():
            return path
    token = services.issue_token(tenant=tenant, name="Development provider")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token)
    return path
