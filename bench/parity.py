"""Show 2 of the policy issue: 20,000 inputs on which both engines have to agree."""

import os
import shutil
import sys

from bench.harness import Row
from policy.rulebook import shipped
from tests.integration.policy.parity import Tally, compare
from tests.opa_server import serving

SEED = 7
NUMBER = 20_000


def soak() -> list[Row]:
    """All of them, with what differed by whom; OPA is the authority."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    if not binary:
        raise SystemExit("parity needs an OPA: OPA_BINARY=$(bin/get-opa)")
    with serving(binary, shipped()) as server:
        tally = compare(server.url, seed=SEED, number=NUMBER, told=_tell)
    if tally.first:
        sys.stderr.write(f"first difference: {tally.first}\n")
    number, denied = tally.number, tally.denied / tally.number
    agreed = Row(
        "agreed", tally.agreed, "inputs", number, tally.agreed / number, "all", tally.agreed == number
    )
    return [
        agreed,
        Row("false allows", tally.false_allows, "inputs", goal="none", ok=not tally.false_allows),
        Row("false denies", tally.false_denies, "inputs", goal="none", ok=not tally.false_denies),
        Row("denied", tally.denied, "inputs", number, denied, "ratio ≥ 0.3", denied >= 0.3),
        Row(
            "no answer from either, hence denied",
            tally.unanswered,
            "inputs",
            number,
            tally.unanswered / number,
        ),
    ]


def _tell(tally: Tally) -> None:
    if tally.number % 2_000 == 0:
        sys.stderr.write(f"{tally.number} asked, {tally.number - tally.agreed} differ\n")
