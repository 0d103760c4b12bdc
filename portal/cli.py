"""`portal`: the command for people who run the portal. `portal --help` lists what it can do."""

import argparse
import os
import platform
import sys
from pathlib import Path
from urllib.parse import urlsplit


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="portal", description="Build, run and govern micro apps.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_up(commands)
    _add_database(commands)
    _add_sequencer(commands)
    _add_tenant(commands)
    _add_client(commands)
    _add_check(commands)
    _add_policy(commands)
    _add_keys(commands)
    _add_erasure(commands)
    _add_suggest(commands)
    options = parser.parse_args(arguments)
    return int(options.run(options))


def _add_up(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    up = commands.add_parser("up", help="run the whole demo here: services, portal, provider, people")
    up.add_argument("--data", type=Path, default=Path("var"), help="data folder (default: var)")
    up.add_argument("--port", type=int, default=8000, help="the portal's port (default: 8000)")
    up.add_argument("--provider-port", type=int, default=0, help="the provider's port (default: next)")
    up.set_defaults(run=_up)


def _up(options: argparse.Namespace) -> int:
    from portal.embedded.up import up  # brings the embedded extra, which production lacks

    return up(options.data, port=options.port, provider_port=options.provider_port)


def _add_database(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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


def _add_sequencer(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    sequencer = commands.add_parser("sequencer", help="number and index the record, until stopped")
    sequencer.set_defaults(run=_sequencer)


def _django() -> None:
    import django  # the commands that need no database should not need its settings either

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()


def _sequencer(_: argparse.Namespace) -> int:
    import signal
    import threading

    _django()
    from ledger import sequencer  # needs Django set up

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    sequencer.run_forever(stop)
    return 0


def _add_client(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    texts = {
        "login": "sign in at a portal, in your browser, and keep a token here",
        "whoami": "whose token is kept here, and what it may do",
        "logout": "revoke the token that is kept here",
    }
    for action, text in texts.items():
        command = commands.add_parser(action, help=text)
        command.add_argument("url", nargs="?", default=os.environ.get("PORTAL_URL", "http://127.0.0.1:8000"))
        if action == "login":
            command.add_argument("--name", default=f"portal on {platform.node()}"[:100])
            command.add_argument("--scope", default="apps:read records:read", help="what the token may do")
        command.set_defaults(run=_client, action=action)


def _client(options: argparse.Namespace) -> int:
    from portal import client  # needs httpx, which operators' commands do not

    name, scopes = getattr(options, "name", ""), getattr(options, "scope", "")
    return client.run(options.action, options.url, name, scopes)


def _add_check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    check = commands.add_parser("check", help="hold manifests and templates to their format and to policy")
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a file, or a folder to search")
    check.add_argument("--format", default="human", choices=["human", "json", "sarif", "junit"])
    check.add_argument("--scheme", type=Path, help="a file with the tenant's classifications and regions")
    check.add_argument(
        "--templates", type=Path, action="append", default=[], help="a folder with more templates"
    )
    check.add_argument("--exclude", action="append", default=[], help="a pattern of paths to pass over")
    check.add_argument("--opa", metavar="BINARY", help="decide with this opa, not with the embedded engine")
    check.add_argument("--jobs", type=int, help="processes (default: one a core)")
    check.add_argument("--explain", metavar="CODE", help="say what a code means, and nothing else")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    from portal import check  # knows no Django; the other commands need not know policy

    return check.run(options)


def _add_keys(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    certificate = commands.add_parser("key-certificate", help="certificates of destroyed keys")
    actions = certificate.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="what a certificate proves; needs no portal")
    verify.add_argument("certificate", type=Path, help="the certificate, as downloaded")
    verify.add_argument("--keys", type=Path, required=True, help="the tenant's public keys (PEM)")
    verify.set_defaults(run=_verify_certificate)
    own = commands.add_parser(
        "key-import", help="make a key of 32 bytes the one that wraps a tenant's data keys"
    )
    own.add_argument("--tenant", required=True, help="whose key it is")
    own.add_argument("file", type=Path, help="the key; delete the file afterwards")
    own.set_defaults(run=_import_key)
    protect = commands.add_parser(
        "keyring-protect", help="seal the local keyring by the passphrase that is set"
    )
    protect.set_defaults(run=_protect_keyring)


def _verify_certificate(options: argparse.Namespace) -> int:
    from portal import key_tools  # knows no Django

    return key_tools.verify(options.certificate, options.keys)


def _import_key(options: argparse.Namespace) -> int:
    _django()
    from portal import key_tools

    return key_tools.import_key(options.tenant, options.file)


def _protect_keyring(_: argparse.Namespace) -> int:
    _django()
    from portal import key_tools

    return key_tools.protect()


def _add_policy(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    policy = commands.add_parser("policy", help="work on the policy library with a real opa")
    actions = policy.add_subparsers(required=True, metavar="ACTION")
    for name, text in {
        "test": "opa check --strict, then opa test",
        "fmt": "opa fmt: show what differs",
    }.items():
        action = actions.add_parser(name, help=text)
        action.add_argument("folder", nargs="?", type=Path, help="a library (default: the portal's own)")
        if name == "fmt":
            action.add_argument("--write", action="store_true", help="write the files instead")
        action.set_defaults(run=_policy, action=name)
    propose = actions.add_parser("propose", help="propose a library to a portal; wait for its checks")
    propose.add_argument("folder", type=Path, help="a folder of .rego files, tests included")
    propose.add_argument("--message", required=True, help="why; reviewers read it")
    propose.add_argument("--url", default=os.environ.get("PORTAL_URL", "http://127.0.0.1:8000"))
    propose.add_argument("--json", action="store_true", help="for a program to read")
    propose.set_defaults(run=_propose)
    simulate = actions.add_parser("simulate", help="what a draft of the library would change")
    simulate.add_argument("folder", type=Path, help="the draft: a folder of .rego files")
    simulate.add_argument("--tenant", required=True, help="whose decisions and apps are asked about")
    simulate.add_argument("--days", type=int, default=30, help="decisions of the last days (default: 30)")
    simulate.add_argument("--embedded", action="store_true", help="without a real opa, which is the default")
    simulate.add_argument("--json", action="store_true", help="for a program to read")
    simulate.set_defaults(run=_simulate)


def _add_erasure(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    certificate = commands.add_parser("erasure-certificate", help="certificates of erased data")
    actions = certificate.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="what a certificate proves; needs no portal")
    verify.add_argument("certificate", type=Path, help="the certificate, as downloaded")
    verify.add_argument("--keys", type=Path, required=True, help="the tenant's public keys (PEM)")
    verify.set_defaults(run=_verify_erasure)


def _verify_erasure(options: argparse.Namespace) -> int:
    from portal import erasure_tools  # knows no Django

    return erasure_tools.verify(options.certificate, options.keys)


def _policy(options: argparse.Namespace) -> int:
    from portal import policy_tools  # knows no Django

    return policy_tools.run(options.action, options.folder, write=getattr(options, "write", False))


def _propose(options: argparse.Namespace) -> int:
    from portal import propose  # needs httpx, which operators' commands do not

    return propose.run(options.folder, message=options.message, url=options.url, as_json=options.json)


def _simulate(options: argparse.Namespace) -> int:
    from policy.engines.binary import binary
    from portal import policy_tools

    opa = "" if options.embedded else binary()
    if opa is None:
        return policy_tools.NO_OPA
    _django()
    from portal import simulate  # needs Django set up

    return simulate.run(options.folder, slug=options.tenant, days=options.days, opa=opa, as_json=options.json)


def _add_suggest(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    suggest = commands.add_parser("suggest", help="which classes the columns of a CSV file would be given")
    suggest.add_argument("file", type=Path, help="data, or a table of columns with samples and labels")
    suggest.add_argument("--json", action="store_true", help="for a program to read")
    suggest.set_defaults(run=_suggest)


def _suggest(options: argparse.Namespace) -> int:
    from portal import suggest  # knows no database

    return suggest.run(options)


def _add_tenant(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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
    _django()
    from portal import services  # needs Django set up

    print(f"{services.set_up_tenant(slug=options.slug, name=options.name)} is set up.")
    return 0


def _scim_token(options: argparse.Namespace) -> int:
    _django()
    from identity.models import Tenant  # needs Django set up
    from portal import services

    print(services.issue_token(tenant=Tenant.objects.get(slug=options.slug), name=options.name))
    return 0


def _break_glass(options: argparse.Namespace) -> int:
    _django()
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
    _django()
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
