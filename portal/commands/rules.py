"""Commands for who changes the rules: test, format, propose, simulate."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from portal.commands import set_up_django

if TYPE_CHECKING:
    from portal.commands import Commands


def add(commands: "Commands") -> None:
    """All of them."""
    _add_policy(commands)


def _add_policy(commands: "Commands") -> None:
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
    set_up_django()
    from portal import simulate  # needs Django set up

    return simulate.run(options.folder, slug=options.tenant, days=options.days, opa=opa, as_json=options.json)
