"""Commands for who runs a portal: start it, its database, its tenants."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.commands import set_up_django

if TYPE_CHECKING:
    from portal.commands import Commands


def add(commands: "Commands") -> None:
    """All of them."""
    _add_up(commands)
    _add_database(commands)
    _add_sequencer(commands)
    _add_tenant(commands)


def _add_up(commands: "Commands") -> None:
    up = commands.add_parser("up", help="run the whole demo here: services, portal, provider, people")
    up.add_argument("--data", type=Path, default=Path("var"), help="data folder (default: var)")
    up.add_argument("--port", type=int, default=8000, help="the portal's port (default: 8000)")
    up.add_argument("--provider-port", type=int, default=0, help="the provider's port (default: next)")
    up.set_defaults(run=_up)


def _up(options: argparse.Namespace) -> int:
    from portal.embedded.up import up  # brings the embedded extra, which production lacks

    return up(options.data, port=options.port, provider_port=options.provider_port)


def _add_database(commands: "Commands") -> None:
    init = commands.add_parser("database-init", help="make roles, database and schemas, as a superuser")
    init.add_argument("--superuser-url", required=True, help="postgresql:// URL of a superuser")
    init.set_defaults(run=_database_init)


def _database_init(options: argparse.Namespace) -> int:
    from portal import database, env  # Django's settings are not needed here

    urls = {"portal_app": env.text("DATABASE_URL")}
    for role in database.ROLES:
        if url := env.text(f"DATABASE_URL_{role.removeprefix('portal_').upper()}", ""):
            urls[role] = url
    passwords = {role: urlsplit(url).password or "" for role, url in urls.items()}
    name = urlsplit(urls["portal_app"]).path.lstrip("/")
    database.create(options.superuser_url, name, passwords)
    print(f"Roles and schemas of database {name} are in place. Next: manage.py migrate --database owner")
    return 0


def _add_sequencer(commands: "Commands") -> None:
    sequencer = commands.add_parser("sequencer", help="number and index the record, until stopped")
    sequencer.set_defaults(run=_sequencer)


def _sequencer(_: argparse.Namespace) -> int:
    import signal
    import threading

    set_up_django()
    from ledger import sequencer  # needs Django set up

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    sequencer.run_forever(stop)
    return 0


def _add_tenant(commands: "Commands") -> None:
    made = commands.add_parser("tenant-create", help="set up a tenant: keys, classifications, regions")
    made.add_argument("slug")
    made.add_argument("name")
    made.set_defaults(run=_tenant_create)
    token = commands.add_parser("scim-token", help="issue a token for a tenant's provider; printed once")
    token.add_argument("slug")
    token.add_argument("name", help="what the token is for, for example the provider's name")
    token.set_defaults(run=_scim_token)
    glass = commands.add_parser("break-glass", help="a link that signs one person in as admin for a while")
    glass.add_argument("slug")
    glass.add_argument("username")
    glass.add_argument("--reason", required=True, help="why; every admin and the record get to know")
    glass.add_argument("--minutes", type=int, default=30, help="how long the session lasts (default: 30)")
    glass.set_defaults(run=_break_glass)
    role = commands.add_parser("grant-role", help="let the members of a group hold a portal role")
    role.add_argument("slug")
    role.add_argument("group")
    role.add_argument("role", choices=["builder", "reviewer", "security", "admin", "auditor"])
    role.set_defaults(run=_grant_role)


def _tenant_create(options: argparse.Namespace) -> int:
    set_up_django()
    from portal import services  # needs Django set up

    print(f"{services.set_up_tenant(slug=options.slug, name=options.name)} is set up.")
    return 0


def _scim_token(options: argparse.Namespace) -> int:
    set_up_django()
    from identity.models import Tenant  # needs Django set up
    from portal import services

    print(services.issue_token(tenant=Tenant.objects.get(slug=options.slug), name=options.name))
    return 0


def _break_glass(options: argparse.Namespace) -> int:
    set_up_django()
    from identity.errors import DomainError  # needs Django set up
    from identity.models import Tenant
    from portal import services

    tenant = Tenant.objects.filter(slug=options.slug).first()
    if tenant is None:
        sys.stderr.write(f"There is no tenant {options.slug}.\n")
        return 1
    try:
        link = services.make_break_glass(
            tenant=tenant, username=options.username, minutes=options.minutes, reason=options.reason
        )
    except DomainError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    print(f"Open this within 10 minutes; it works once, and every admin is told:\n{link}")
    return 0


def _grant_role(options: argparse.Namespace) -> int:
    set_up_django()
    from identity.errors import Missing  # needs Django set up
    from identity.models import Role, Tenant
    from portal import services

    try:
        tenant = Tenant.objects.get(slug=options.slug)
        services.grant(tenant=tenant, group=options.group, role=Role(options.role))
    except Missing as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0
