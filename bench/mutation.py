"""Show 1 of the policy issue: each condition of each rule is flipped, and the Rego tests have to notice."""

import os
import shutil
import sys

from bench.harness import Row
from tests.rego_mutants import Report, analyse, mutants, rule_files


def soak() -> list[Row]:
    """Every flip of every rule file, a row a file and one for all."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    if not binary:
        raise SystemExit("mutation needs an OPA: OPA_BINARY=$(bin/get-opa)")
    reports: dict[str, Report] = {}
    for file in rule_files():
        report = reports[file.stem] = analyse(binary, mutants(binary, file))
        for flip in report.survived:
            sys.stderr.write(f"not noticed: {flip}\n")
    rows = [_row(name, report) for name, report in reports.items()]
    every = list(reports.values())
    whole = Report(
        noticed=sum(one.noticed for one in every),
        unviable=sum(one.unviable for one in every),
        equivalent=sum(one.equivalent for one in every),
        survived=tuple(flip for one in every for flip in one.survived),
    )
    return [
        *rows,
        _row("all", whole),
        Row("flips that do not compile, left out", whole.unviable, "flips"),
        Row("flips that change no decision, listed with reasons", whole.equivalent, "flips"),
    ]


def _row(name: str, report: Report) -> Row:
    flips = report.noticed + len(report.survived)
    return Row(name, report.noticed, "noticed", flips, report.share, "ratio ≥ 0.95", report.share >= 0.95)
