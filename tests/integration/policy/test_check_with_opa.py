"""`portal check --opa` and `portal policy`: a real opa finds what the embedded engine finds."""

import shutil
from pathlib import Path

import pytest

from catalog import lint
from policy.rulebook import LIBRARY
from portal.cli import main
from tests import manifests

pytestmark = pytest.mark.needs_opa


def test_opa_and_the_embedded_engine_find_the_same_in_the_corpus(opa_binary: str) -> None:
    sources = [*manifests.bad(), *manifests.good(), *manifests.templates()]
    assert lint.check(sources, lint.Basis.of(), opa=opa_binary) == lint.check(
        sources, lint.Basis.of(), jobs=1
    )


@pytest.fixture
def library(tmp_path: Path, opa_binary: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPA_BINARY", opa_binary)
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))


def test_policy_test_fails_with_a_failing_test_and_a_careless_rule(
    library: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "test", str(library)]) == 0
    assert "PASS" in capfd.readouterr().out
    (library / "odd.rego").write_text("package portal.odd\n\nx if {\n\ty := 1\n\ttrue\n}\n")
    assert main(["policy", "test", str(library)]) == 1
    assert "y" in capfd.readouterr().err
    (library / "odd.rego").write_text("package portal.odd\n\ntest_no if false\n")
    assert main(["policy", "test", str(library)]) == 1
    assert "test_no" in capfd.readouterr().out


def test_policy_fmt_shows_a_difference_and_writes_it_when_told(
    library: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "fmt", str(library)]) == 0
    odd = library / "odd.rego"
    odd.write_text("package   portal.odd\nx:=1\n")
    assert main(["policy", "fmt", str(library)]) == 1
    assert "portal.odd" in capfd.readouterr().out
    assert odd.read_text() == "package   portal.odd\nx:=1\n"
    assert main(["policy", "fmt", "--write", str(library)]) == 0
    assert odd.read_text() == "package portal.odd\n\nx := 1\n"
