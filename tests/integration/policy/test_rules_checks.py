"""Each check stops rules that are broken in its way, and nothing else does (P4, docs/adr/0080)."""

from collections.abc import Callable

import pytest

from policy.checks import CHECKS, Check, checked, portable
from policy.engines.tool import laid_out
from policy.rulebook import LIBRARY, files_in
from tests.rules import freezing, library

pytestmark = pytest.mark.needs_opa
INPUTS = 60
TEXTS = files_in(LIBRARY)
TESTS = [name.removesuffix(".rego") for name in TEXTS if name.endswith("_test.rego")]
MAIN = TEXTS["main.rego"]
SSO = TEXTS["sso_required.rego"]


def run(binary: str | None, files: dict[str, str], inputs: int = INPUTS) -> dict[str, Check]:
    return {check.name: check for check in checked(files, opa=binary, inputs=inputs)}


def failed(found: dict[str, Check]) -> set[str]:
    return {name for name, check in found.items() if not check.ok}


def test_the_shipped_rules_pass_every_check(opa_binary: str) -> None:
    found = run(opa_binary, library())
    assert failed(found) == set()
    assert tuple(found) == CHECKS
    assert f"{INPUTS} of {INPUTS} inputs alike" in found["parity"].detail


def test_without_an_opa_nothing_passes() -> None:
    [check] = checked(library(), opa=None, inputs=INPUTS)
    assert not check.ok
    assert "make opa" in check.detail


@pytest.mark.parametrize(
    ("name", "broken", "said"),
    [
        ("strict", {"main": MAIN + "\nunused if {\n\tx := 1\n}\n"}, "assigned var x unused"),
        ("strict", {"main": MAIN + "\nbroken if {\n"}, "main.rego"),
        ("format", {"main": MAIN + "\n\n\nmore   :=   1\n"}, "more"),
        ("tests", {"sso_required_test": "package portal.sso_test\n\ntest_no if {\n\t1 == 2\n}\n"}, "test_no"),
        ("coverage", {name: "" for name in TESTS if name not in {"main_test", "example_test"}}, "% of the"),
        ("portable", {"main": MAIN + '\nlate if startswith("ab", input.action)\n'}, "startswith()"),
        (
            "annotations",
            {"sso_required": SSO.replace("# custom:", "# custom:\n#   waivable: true")},
            "identity",
        ),
        ("annotations", {"zz_more": "package portal.more\n"}, "zz_more.rego does not start"),
    ],
)
def test_a_check_stops_what_is_broken_in_its_way(
    opa_binary: str, name: str, broken: dict[str, str], said: str
) -> None:
    found = run(opa_binary, library(**broken))
    assert name in failed(found)
    assert said in found[name].detail
    assert len(found[name].detail) <= 4100


def test_without_its_entry_point_no_engine_answers(opa_binary: str) -> None:
    other = {name: text for name, text in library().items() if name == "facts.rego"}
    other["main.rego"] = "# METADATA\n# title: Nothing\npackage portal.main\n\nsilence := true\n"
    found = run(opa_binary, other)
    assert not found["engines"].ok
    assert "portal/main/decision" in found["engines"].detail
    assert "parity" not in found


def test_an_answer_of_another_shape_is_none(opa_binary: str) -> None:
    found = run(
        opa_binary, {"main.rego": '# METADATA\n# title: Yes\npackage portal.main\n\ndecision := "yes"\n'}
    )
    assert not found["engines"].ok


def test_engines_that_differ_are_found_out(opa_binary: str) -> None:
    """Strings go to the built-in engine encoded, which keeps equality and not order."""
    files = freezing("nobody")
    before = 'facts.app.id in {"nobody"}'
    assert before in files["frozen.rego"]
    files["frozen.rego"] = files["frozen.rego"].replace(
        before, 'facts.app\n\tsome group in input.subject.groups\n\tgroup > "~a"'
    )
    found = run(opa_binary, files, 600)
    assert failed(found) >= {"parity"}
    assert "first: {" in found["parity"].detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a if not startswith(input.x, input.y)", "startswith()"),
        ("a if not input.x in {1}", "“not … in”"),
        ("a if not input.x == 1", "“not” before equal()"),
        ("a if every y in input.z { y == 1 }", "“every”"),
        ("a if data.portal.main.allow with input as {}", "“with”"),
        ("f(x) := x", "a function"),
        ("a := 1 if input.x else := 2", "“else”"),
        ("a := time.now_ns()", "time.now_ns()"),
        ('a := http.send({"url": "http://127.0.0.1"})', "http.send()"),
        ('a := sprintf("%s", [input.x])', "sprintf()"),
        ("a := input.x + 1", "plus()"),
    ],
)
def test_what_is_not_portable(opa_binary: str, text: str, said: str) -> None:
    with laid_out(opa_binary, {"x.rego": f"package portal.x\n\n{text}\n"}) as tool:
        assert any(one.startswith("3: ") and said in one for one in portable.problems(tool.parsed("x.rego")))


@pytest.mark.parametrize(
    "text", ["a if not input.x", "b if some y in input.z", "c := {1} - {2}", "d if 1 < 2"]
)
def test_what_is_portable(opa_binary: str, text: str) -> None:
    with laid_out(opa_binary, {"x.rego": f"package portal.x\n\n{text}\n"}) as tool:
        assert not list(portable.problems(tool.parsed("x.rego")))


def test_what_is_checked_reaches_nothing_outside(opa_binary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_PORTAL", "hidden")
    for call in ('http.send({"method": "GET", "url": "http://127.0.0.1:1"})', "opa.runtime().env"):
        text = f"package portal.sso_test\n\ntest_out if {call}\n"
        found = run(opa_binary, library(sso_required_test=text))
        assert not found["strict"].ok
        assert "undefined function" in found["strict"].detail
        assert "hidden" not in found["strict"].detail


def test_long_checks_tell_that_they_live(opa_binary: str) -> None:
    told: list[int] = []
    alive: Callable[[], None] = lambda: told.append(1)  # noqa: E731
    assert all(check.ok for check in checked(library(), opa=opa_binary, inputs=501, alive=alive))
    assert len(told) == 2
