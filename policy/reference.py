"""The reference page of the rules, made from their annotations: docs/reference/policies.md.

`python -m policy.reference` writes it, `--check` compares. Pure Python: CI runs it without Django.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from policy.rulebook import Rulebook, shipped

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "policies.md"
INTRODUCTION = """# Policies

Made from `policy/library/*.rego` by `python -m policy.reference`. Each rule returns findings: its code, a
case and particulars; `deny` stops, `warn` is shown to the builder and the reviewer, `ok` is a tick. Beside
the rules the decision point itself answers `engine.unavailable` when no engine does.
"""
_HEADER = re.compile(r"\A# METADATA\n((?:#.*\n)+)package ([\w.]+)$", re.MULTILINE)
_CASE = re.compile(r'"case": "(\w+)",\s*"kind": "(\w+)"')


@dataclass(frozen=True)
class Rule:
    """One rule file: its annotations and the findings that it can make, as (case, kind)."""

    file: str
    code: str
    title: str
    description: str
    remedy: str
    severity: str
    owner: str
    regulations: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]
    waivable: bool
    transfer: bool  # the rule itself looks at exceptions, each for the law that values may go to
    overridable: bool


def rules(rulebook: Rulebook) -> list[Rule]:
    """Every rule of the book by code; shared modules, which carry no code, are left out.

    Raises:
        ValueError: a module lacks its annotations, or a rule one that people need.
    """
    found = [_rule(name, text) for name, text in rulebook.modules]
    return sorted((rule for rule in found if rule), key=lambda rule: rule.code)


def _rule(name: str, text: str) -> Rule | None:
    header = _HEADER.match(text)
    if header is None:
        raise ValueError(f"{name} does not start with its annotations")
    lines = [line.removeprefix("#").removeprefix(" ") for line in header.group(1).splitlines()]
    notes: dict[str, Any] = YAML(typ="safe", pure=True).load("\n".join(lines))
    custom = notes.get("custom")
    if not custom:
        return None
    try:
        return Rule(
            file=name,
            code=custom["code"],
            title=notes["title"],
            description=notes["description"],
            remedy=custom["remedy"],
            severity=custom["severity"],
            owner=custom["owner"],
            regulations=tuple(custom.get("regulations", ())),
            findings=tuple(dict.fromkeys(_CASE.findall(text))),
            waivable=bool(custom.get("waivable")),
            transfer=custom.get("waivable") == "transfer",
            overridable=bool(custom.get("overridable")),
        )
    except KeyError as missing:
        raise ValueError(f"{name} lacks the annotation {missing}") from missing


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    parts += [_section(rule) for rule in rules(shipped())]
    return "".join(parts)


def _section(rule: Rule) -> str:
    rows = "".join(f"| `{case}` | {kind} |\n" for case, kind in rule.findings)
    mapped = f"- Regulations: {', '.join(rule.regulations)}\n" if rule.regulations else ""
    return (
        f"\n## {rule.title} (`{rule.code}`)\n\n{rule.description}\n\n"
        f"**What makes it pass.** {rule.remedy}\n\n"
        f"- Severity: {rule.severity}\n- Owner: {rule.owner}\n{mapped}"
        f"- Exceptions: {'for a while, by approval' if rule.waivable else 'none'}\n"
        f"- Override: {'by an admin and security, for hours' if rule.overridable else 'none'}\n"
        f"- Source: `policy/library/{rule.file}`\n\n"
        f"| case | kind |\n|---|---|\n{rows}"
    )


def main() -> int:
    """Write the page, or with --check compare; returns the exit code."""
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"out of date: {PAGE.name}; run python -m policy.reference\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
