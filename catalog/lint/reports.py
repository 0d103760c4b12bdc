"""What `portal check` writes: for people, as JSON, and in the formats of sarif.py and junit.py."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from policy.rulebook import shipped

from .findings import Level
from .run import Checked
from .sarif import sarif


def human(checked: Sequence[Checked]) -> str:
    """`path:line:column: code message`, the remedy below it, and a last line that sums up."""
    return "".join(f"{line}\n" for line in _lines(checked))


def _lines(checked: Sequence[Checked]) -> Iterator[str]:
    for one in checked:
        for finding in one.findings:
            mild = "" if finding.level is Level.ERROR else f" ({finding.level})"
            yield f"{finding.place}: {finding.code}{mild} {finding.said}"
            if finding.remedy:
                yield f"    {finding.remedy}"
    counts = {level: sum(f.level is level for one in checked for f in one.findings) for level in Level}
    files = f"{len(checked)} file{'' if len(checked) == 1 else 's'}"
    yield f"{files}: {counts[Level.ERROR]} errors, {counts[Level.WARNING]} warnings"


def as_json(checked: Sequence[Checked]) -> str:
    """One object: the rules' revision, the number of files, every finding."""
    found = [asdict(finding) | {"code": finding.code} for one in checked for finding in one.findings]
    report = {"version": 1, "revision": shipped().revision, "files": len(checked), "findings": found}
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def junit(checked: Sequence[Checked]) -> str:
    """JUnit XML (junit.py)."""
    from .junit import junit as written  # brings a library that the other formats do without

    return written(checked)


FORMATS: dict[str, Callable[[Sequence[Checked]], str]] = {
    "human": human,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
}
