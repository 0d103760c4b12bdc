"""Parts that a bare machine may lack: their tests are left out there, counted, and never in CI.

A test that needs one carries `needs_<part>`. Where PORTAL_ALL_PARTS is set a missing part is an error,
and so is any test that was skipped or expected to fail.
"""

import os
import shutil
from collections import Counter
from typing import Any

import pytest

from tests import chrome, softhsm

PARTS = {
    "needs_browser": lambda: bool(chrome.find()),
    "needs_node": lambda: bool(shutil.which("node") and shutil.which("npm")),
    "needs_xmlsec1": lambda: bool(shutil.which("xmlsec1")),
    "needs_softhsm": lambda: bool(softhsm.library()),
    "needs_opa": lambda: bool(os.environ.get("OPA_BINARY") or shutil.which("opa")),
}
_left_out: Counter[str] = Counter()


def _strict() -> bool:
    return os.environ.get("PORTAL_ALL_PARTS") == "1"


def _missing() -> set[str]:
    return {name for name, there in PARTS.items() if not there()}


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to begin without a part where everything must run."""
    if _strict() and not hasattr(config, "workerinput") and (missing := _missing()):
        raise pytest.UsageError(f"every part must be here, but these are not: {', '.join(sorted(missing))}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests whose part is missing."""
    missing = _missing()
    kept, dropped = [], []
    for item in items:
        needs = sorted(missing & {mark.name for mark in item.iter_markers()})
        if needs:
            dropped.append(item)
            _left_out[needs[0]] += 1
        else:
            kept.append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def pytest_testnodedown(node: Any, error: object) -> None:
    """Of the workers of a run in parallel each collects everything: what one left out, all did."""
    _left_out.update(Counter(getattr(node, "workeroutput", {}).get("left_out", {})) - _left_out)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Nothing skipped or expected to fail counts as passed."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(_left_out)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not (reporter and _strict()):
        return
    weak = [kind for kind in ("skipped", "xfailed", "xpassed") if reporter.stats.get(kind)]
    if _left_out:
        weak.append("left out")
    if weak and exitstatus == 0:
        reporter.write_line(f"\nrefused: some tests were {', '.join(weak)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line of the run says what was left out."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter and _left_out:
        counts = ", ".join(f"{name} {count}" for name, count in sorted(_left_out.items()))
        reporter.write_line(f"left out for want of a part: {counts}")
