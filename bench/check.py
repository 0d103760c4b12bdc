"""`portal check` as CI runs it: a process of its own on a folder of manifests, from start to exit code."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.harness import Row, interleave

MANIFESTS = 500
SECONDS = 5.0  # what the policy issue allows on two cores
ROUNDS = 3
ONE = Path(__file__).resolve().parent.parent / "tests" / "data" / "manifests" / "good" / "leads.yaml"
FIELD = """\
      - id: f_1{number:07d}
        name: answer_{number}
        label: Answer {number}
        type: text
        classification: {classification}
        residency: eu
        purpose: Answer what the lead asked
        retention_days: 365
"""


def run() -> list[Row]:
    """500 manifests of twelve fields, four of them personal: on every core, in one process; and just one."""
    with tempfile.TemporaryDirectory(prefix="bench-check-") as name:
        folder = Path(name)
        for number in range(MANIFESTS):
            (folder / str(number)).mkdir()
            (folder / str(number) / "microapp.yaml").write_text(_text(number), encoding="utf-8")
        medians = interleave(
            {
                "all": _seconds(str(folder)),
                "one process": _seconds("--jobs", "1", str(folder)),
                "one": _seconds(str(folder / "0")),
            },
            rounds=ROUNDS,
        )
        before = _all_cores()
        _seconds(str(folder))()
        used = _all_cores() - before
    taken, alone = medians["all"], medians["one process"]
    goal = f"≤ {SECONDS:.0f} s"
    return [
        Row(f"{MANIFESTS} manifests", taken, "s", alone, taken / alone, goal, taken <= SECONDS),
        Row(f"{MANIFESTS} manifests, CPU time of all processes", used, "s"),
        Row("one manifest", medians["one"], "s"),
    ]


def _text(number: int) -> str:
    """A manifest as people write them: the corpus' good one with nine more fields."""
    fields = "".join(FIELD.format(number=n, classification="internal" if n % 3 else "pii") for n in range(9))
    text = ONE.read_text(encoding="utf-8").replace("roles:", f"{fields}roles:", 1)
    return text.replace("name: spring-event-leads", f"name: event-{number}", 1)


def _all_cores() -> float:
    """CPU seconds of every process that this one has waited for, and of those that these waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _seconds(*arguments: str) -> Callable[[], float]:
    def measure() -> float:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "portal", "check", *arguments], stdout=subprocess.DEVNULL, check=False
        )
        assert done.returncode == 0, done.returncode
        return time.perf_counter() - start

    return measure
