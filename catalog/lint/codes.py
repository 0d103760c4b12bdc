"""Every code that can be reported, with words: the rules' own annotations, and the format's problems."""

from dataclasses import dataclass
from functools import cache

from catalog.manifest import MESSAGES
from policy.reference import rules
from policy.rulebook import shipped

from .findings import FORMAT

_REMEDY = "Correct the file; docs/reference/manifest.md describes the format."


@dataclass(frozen=True)
class Code:
    """What a code means. `cases` are what the rule can find, with what each does."""

    code: str
    title: str
    description: str
    remedy: str
    severity: str
    owner: str
    regulations: tuple[str, ...] = ()
    cases: tuple[tuple[str, str], ...] = ()


@cache
def codes() -> dict[str, Code]:
    """All of them, in order of their names."""
    known = [
        Code(
            code=rule.code,
            title=rule.title,
            description=rule.description,
            remedy=rule.remedy,
            severity=rule.severity,
            owner=rule.owner,
            regulations=rule.regulations,
            cases=rule.findings,
        )
        for rule in rules(shipped())
    ]
    known += [
        Code(f"{FORMAT}.{code}", code.replace("_", " ").capitalize(), words, _REMEDY, "high", "Platform team")
        for code, words in MESSAGES.items()
    ]
    return {one.code: one for one in sorted(known, key=lambda one: one.code)}


def explain(code: str) -> str:
    """A code, with or without its case, in words for a terminal.

    Raises:
        KeyError: there is no such code.
    """
    found = codes()[code.partition("/")[0]]
    lines = [
        f"{found.code}: {found.title}",
        "",
        found.description.strip(),
        "",
        f"What makes it pass: {found.remedy.strip()}",
        f"Severity: {found.severity}. Owner: {found.owner}.",
    ]
    if found.regulations:
        lines.append(f"Regulations: {', '.join(found.regulations)}.")
    if found.cases:
        cases = ", ".join(f"{case} ({kind})" for case, kind in found.cases)
        lines.append(f"Cases: {cases}.")
    return "\n".join(lines) + "\n"
