"""Commands for who builds apps and describes data: sign in, check, suggestions."""

import argparse
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.commands import Commands


def add(commands: "Commands") -> None:
    """All of them."""
    _add_client(commands)
    _add_check(commands)
    _add_suggest(commands)


def _add_client(commands: "Commands") -> None:
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


def _add_check(commands: "Commands") -> None:
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


def _add_suggest(commands: "Commands") -> None:
    suggest = commands.add_parser("suggest", help="which classes the columns of a CSV file would be given")
    suggest.add_argument("file", type=Path, help="data, or a table of columns with samples and labels")
    suggest.add_argument("--json", action="store_true", help="for a program to read")
    suggest.set_defaults(run=_suggest)


def _suggest(options: argparse.Namespace) -> int:
    from portal import suggest  # knows no database

    return suggest.run(options)
