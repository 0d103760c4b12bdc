"""All sources: read and decided, on every core where there are many."""

import math
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.util import Finalize

from .basis import Basis
from .examine import Examined, examine
from .files import Source
from .findings import Finding, Level
from .judge import Embedded, Judge, Opa
from .places import UNAVAILABLE, findings

AT_ONCE = 20  # sources that a process takes at a time; fewer than two lots are not worth a second process
_here: "tuple[Basis, Judge] | None" = None


@dataclass(frozen=True)
class Checked:
    """A source with what was found in it, in order of the file."""

    source: Source
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Nothing that denies."""
        return all(finding.level is not Level.ERROR for finding in self.findings)

    @property
    def undecided(self) -> bool:
        """No engine answered about it."""
        return any(finding.rule == UNAVAILABLE.code for finding in self.findings)


def check(
    sources: Sequence[Source], basis: Basis, *, opa: str | None = None, jobs: int | None = None
) -> list[Checked]:
    """What is wrong with each source; `opa` decides instead of the embedded engine.

    Raises:
        OSError: a file cannot be read.
        EngineFault: `opa` gave no answer at all.
    """
    lots = [sources[start : start + AT_ONCE] for start in range(0, len(sources), AT_ONCE)]
    processes = min(jobs or _cores(), math.ceil(len(lots) / 2))
    if opa:
        return _lot(sources, basis, Opa(opa))
    if processes <= 1:
        with closing(Embedded()) as judge:
            return _lot(sources, basis, judge)
    # started anew: a fork of a process with threads would hang on what they held
    started = get_context("spawn")
    with ProcessPoolExecutor(processes, started, initializer=_begin, initargs=(basis,)) as pool:
        return [checked for lot in pool.map(_lot_here, lots) for checked in lot]


def _lot(sources: Iterable[Source], basis: Basis, judge: Judge) -> list[Checked]:
    examined = [examine(source, basis) for source in sources]
    asked = [one for one in examined if one.document is not None]
    outcomes = judge.decide([one.document for one in asked if one.document is not None])
    said = {id(one): tuple(findings(one, outcome)) for one, outcome in zip(asked, outcomes, strict=True)}
    return [_checked(one, said.get(id(one), ())) for one in examined]


def _checked(examined: Examined, said: tuple[Finding, ...]) -> Checked:
    everything = sorted((*examined.findings, *said), key=lambda one: (one.line, one.column, one.code))
    return Checked(examined.source, tuple(everything))


def _begin(basis: Basis) -> None:
    """In a process of the pool: an engine of its own, warm for all its lots, ended with the process."""
    global _here  # noqa: PLW0603 - a pool's initializer has no other place to leave things
    judge = Embedded()
    Finalize(None, judge.close, exitpriority=10)  # such a process leaves without atexit
    _here = (basis, judge)


def _lot_here(sources: Sequence[Source]) -> list[Checked]:
    assert _here is not None  # noqa: S101 - the initializer ran
    return _lot(sources, *_here)


def _cores() -> int:
    """The cores that this process may use, which in a container are fewer than the machine has."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1
