"""Commands on keys and certificates; those that verify need no portal."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from portal.commands import set_up_django

if TYPE_CHECKING:
    from portal.commands import Commands


def add(commands: "Commands") -> None:
    """All of them."""
    _add_keys(commands)
    _add_erasure(commands)


def _add_keys(commands: "Commands") -> None:
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
    set_up_django()
    from portal import key_tools

    return key_tools.import_key(options.tenant, options.file)


def _protect_keyring(_: argparse.Namespace) -> int:
    set_up_django()
    from portal import key_tools

    return key_tools.protect()


def _add_erasure(commands: "Commands") -> None:
    certificate = commands.add_parser("erasure-certificate", help="certificates of erased data")
    actions = certificate.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="what a certificate proves; needs no portal")
    verify.add_argument("certificate", type=Path, help="the certificate, as downloaded")
    verify.add_argument("--keys", type=Path, required=True, help="the tenant's public keys (PEM)")
    verify.set_defaults(run=_verify_erasure)


def _verify_erasure(options: argparse.Namespace) -> int:
    from portal import erasure_tools  # knows no Django

    return erasure_tools.verify(options.certificate, options.keys)
