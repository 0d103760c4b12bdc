"""Flips of conditions are made, tried and counted; `make soak NAME=mutation` tries those of every rule."""

import shutil
from pathlib import Path

import pytest

from policy.rulebook import LIBRARY
from tests.rego_mutants import Fate, analyse, equivalents, fate, mutants, rule_files

pytestmark = pytest.mark.needs_opa


@pytest.mark.parametrize("rule", ["separation", "tenant"])
def test_the_tests_of_a_rule_notice_its_flips(opa_binary: str, rule: str) -> None:
    flips = mutants(opa_binary, LIBRARY / f"{rule}.rego")
    report = analyse(opa_binary, flips)
    assert report.noticed + report.unviable + report.equivalent + len(report.survived) == len(flips)
    assert report.noticed >= 20
    assert not report.survived, [str(flip) for flip in report.survived]


def test_each_kind_of_condition_is_flipped(opa_binary: str, tmp_path: Path) -> None:
    rule = tmp_path / "x.rego"
    rule.write_text(
        "package x\n\n# not input.seen\na := {n | some n in input.all; n >= 2} & {3} if {\n"
        '\tinput.b != "q"\n\tnot input.c\n\tinput.d == true\n}\n'
    )
    flips = {str(flip).removeprefix("x.rego a: ") for flip in mutants(opa_binary, rule)}
    assert flips >= {
        "n >= 2 ⇒ true",
        "n >= 2 ⇒ not n >= 2",
        "n >= 2 ⇒ >= → >",
        "n >= 2 ⇒ >= → <",
        "n >= 2 ⇒ 2 → 3",
        "n >= 2 ⇒ 2 → 1",
        'input.b != "q" ⇒ != → ==',
        'input.b != "q" ⇒ "q" → "q~"',
        "not input.c ⇒ true",
        "not input.c ⇒ input.c",
        "input.d == true ⇒ true → false",
    }
    assert any("& → |" in flip for flip in flips)
    assert not any("seen" in flip for flip in flips)


def test_rules_without_tests_are_found_out(opa_binary: str, tmp_path: Path) -> None:
    """Otherwise a measure that counted every flip as noticed would look just as well."""
    library = tmp_path / "library"
    shutil.copytree(LIBRARY, library)
    for tests in library.glob("*_test.rego"):
        if tests.stem not in {"example_test", "untagged_field_test"}:
            tests.unlink()
    report = analyse(opa_binary, mutants(opa_binary, library / "separation.rego"))
    assert report.share < 0.5


def test_a_flip_that_does_not_compile_is_no_flip(opa_binary: str) -> None:
    flips = mutants(opa_binary, LIBRARY / "separation.rego")
    broken = flips[0].__class__(**{**vars(flips[0]), "after": "input.nothing := "})
    assert fate(opa_binary, broken) is Fate.UNVIABLE


def test_what_is_listed_as_equivalent_is_there_and_has_a_reason(opa_binary: str) -> None:
    known = {str(flip) for file in rule_files() for flip in mutants(opa_binary, file)}
    assert set(equivalents()) <= known
    assert all(len(reason) > 20 for reason in equivalents().values())
