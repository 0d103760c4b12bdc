"""Show 2 of the policy issue: 20,000 inputs on which both engines have to agree."""

import os
import shutil
import sys
from dataclasses import replace

from bench.harness import Row
from policy.checks.parity import Tally, generated, of_another_kind
from policy.rulebook import shipped
from tests.integration.policy.both import compare
from tests.opa_server import serving

SEED = 7
NUMBER = 20_000
SPOILT = 60  # documents of which each member is replaced


def soak() -> list[Row]:
    """All of them, with what differed by whom; OPA is the authority."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    if not binary:
        raise SystemExit("parity needs an OPA: OPA_BINARY=$(bin/get-opa)")
    with serving(binary, shipped()) as server:
        tally = compare(server.url, generated(SEED, NUMBER), told=_tell)
        spoilt = compare(server.url, of_another_kind(generated(SEED + 1, SPOILT)), told=_tell)
    return [*_rows("", tally), *_rows("of another kind: ", spoilt)]


def _rows(which: str, tally: Tally) -> list[Row]:
    if tally.first:
        sys.stderr.write(f"first difference: {tally.first}\n")
    number, denied, agreed = tally.number, tally.denied / tally.number, tally.agreed / tally.number
    rows = [
        Row("agreed", tally.agreed, "inputs", number, agreed, "all", tally.agreed == number),
        Row("false allows", tally.false_allows, "inputs", goal="none", ok=not tally.false_allows),
        Row("false denies", tally.false_denies, "inputs", goal="none", ok=not tally.false_denies),
        Row("denied", tally.denied, "inputs", number, denied, "ratio ≥ 0.3", denied >= 0.3),
        Row("denied for want of an answer", tally.unanswered, "inputs", number, tally.unanswered / number),
    ]
    return [replace(row, name=which + row.name) for row in rows]


def _tell(tally: Tally) -> None:
    if tally.number % 2_000 == 0:
        sys.stderr.write(f"{tally.number} asked, {tally.number - tally.agreed} differ\n")
