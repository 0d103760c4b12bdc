"""The library by OPA's own tools: its tests, strict check, format, coverage (Show 1 of the policy issue)."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from policy.rulebook import LIBRARY, shipped

pytestmark = pytest.mark.needs_opa


def run(binary: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [("test",), ("check", "--strict"), ("fmt", "--diff", "--fail")])
def test_opa_finds_nothing_wrong(opa_binary: str, arguments: tuple[str, ...]) -> None:
    done = run(opa_binary, *arguments, str(LIBRARY))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_covered(opa_binary: str) -> None:
    report = json.loads(run(opa_binary, "test", "--coverage", str(LIBRARY)).stdout)
    rules = {name: file for name, file in report["files"].items() if not name.endswith("_test.rego")}
    lines = {
        name: (file.get("covered_lines", 0), file.get("not_covered_lines", 0)) for name, file in rules.items()
    }
    covered, missed = (sum(counts) for counts in zip(*lines.values(), strict=True))
    assert len(rules) == len(shipped().modules)
    assert covered / (covered + missed) >= 0.95, lines


def test_every_rule_has_its_tests_beside_it() -> None:
    rules = [path for path in LIBRARY.glob("*.rego") if not path.stem.endswith("_test")]
    untested = {path.name for path in rules if not path.with_name(f"{path.stem}_test.rego").exists()}
    assert not untested


def test_get_opa_takes_what_is_there_and_says_when_there_is_nothing(opa_binary: str, tmp_path: Path) -> None:
    script = Path(__file__).parents[3] / "bin" / "get-opa"
    found = subprocess.run(
        [script],
        env={"PATH": os.environ["PATH"], "OPA_BINARY": opa_binary},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.strip() == opa_binary
    bare = tmp_path / "project" / "bin"
    bare.mkdir(parents=True)
    (bare / "get-opa").write_text(script.read_text())
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "env", "dirname"):
        (tools / tool).symlink_to(subprocess.check_output(["which", tool], text=True).strip())
    nothing = subprocess.run(
        ["bash", str(bare / "get-opa")], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert nothing.returncode == 3
    assert nothing.stdout == ""
    assert len(nothing.stderr.strip().splitlines()) == 1
