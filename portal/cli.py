"""`portal`: the command for people who run the portal. `portal --help` lists what it can do."""

import argparse

from portal.commands import build, operate, proofs, rules


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="portal", description="Build, run and govern micro apps.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in (operate, build, rules, proofs):
        group.add(commands)
    options = parser.parse_args(arguments)
    return int(options.run(options))
