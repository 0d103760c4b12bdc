"""SARIF 2.1.0, as code hosts and editors read it (OASIS Standard, sections as named below)."""

import json
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from policy.rulebook import shipped

from .codes import Code, codes
from .findings import Finding
from .run import Checked

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Json = dict[str, Any]


def sarif(checked: Sequence[Checked]) -> str:
    """One log with one run; it names the rules that spoke, each with its annotations."""
    found = [finding for one in checked for finding in one.findings]
    spoke = sorted({finding.rule for finding in found})
    run = {
        "tool": {"driver": _driver(spoke)},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, spoke.index(finding.rule)) for finding in found],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _driver(spoke: Sequence[str]) -> Json:
    """The tool (3.19). Its rules' revision is told, since the same release may carry other rules."""
    driver: Json = {
        "name": "portal check",
        "rules": [_rule(code, codes().get(code)) for code in spoke],
        "properties": {"revision": shipped().revision},
    }
    with suppress(PackageNotFoundError):  # run from a folder, not installed
        driver["version"] = version("microapps-portal")
    return driver


def _rule(code: str, known: Code | None) -> Json:
    """A reportingDescriptor (3.49)."""
    if known is None:
        return {"id": code}
    tags = ["policy" if known.cases else "format", *known.regulations]
    return {
        "id": code,
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.description.strip()},
        "help": {"text": known.remedy.strip()},
        "properties": {"tags": tags, "severity": known.severity, "owner": known.owner},
    }


def _result(finding: Finding, rule: int) -> Json:
    """A result (3.27): its id is the rule's followed by the case, as 3.27.5 allows."""
    text = f"{finding.message}. {finding.remedy}" if finding.remedy else finding.message
    region = {"startLine": finding.line, "startColumn": finding.column}
    where: Json = {"physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}, "region": region}}
    if finding.where:
        where["logicalLocations"] = [{"fullyQualifiedName": finding.where}]
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.level.value,
        "message": {"text": text},
        "locations": [where],
    }


def _uri(file: str) -> str:
    """A relative reference stays one, as hosts expect of files of a repository (3.4.4)."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
