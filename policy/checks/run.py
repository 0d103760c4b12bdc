"""All checks on a set of files, one after the other."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from ruamel.yaml.error import YAMLError

from policy.checks import annotations, parity, portable
from policy.engines.base import EngineFault
from policy.engines.tool import Opa, laid_out
from policy.file_diffs import diff_lines
from policy.inputs import PROBE
from policy.outcome import parse
from policy.rulebook import Rulebook, is_test
from policy.simulation.engines import engine

MOST_DETAIL = 4000
LEAST_COVERED = 95.0
SEED = 41
# in the order in which they run; those that are left out after one that fails are in `checked`
CHECKS = ("opa", "strict", "format", "tests", "coverage", "portable", "annotations", "engines", "parity")


@dataclass(frozen=True)
class Check:
    """One check, and what its tool said."""

    name: str
    ok: bool
    detail: str = ""

    @classmethod
    def of(cls, name: str, ok: bool, detail: str = "") -> "Check":
        """With a text of some KB at most."""
        text = detail.strip()
        return cls(name, ok, text if len(text) <= MOST_DETAIL else f"{text[:MOST_DETAIL]}\n…")

    @classmethod
    def without(cls, name: str, problems: Iterable[str]) -> "Check":
        """It passes where there are none."""
        found = list(problems)
        return cls.of(name, not found, "\n".join(found))


def checked(
    files: Mapping[str, str], *, opa: str | None, inputs: int, alive: Callable[[], None] = lambda: None
) -> Iterator[Check]:
    """Each check as soon as it is done; `alive` is called within the long ones.

    `opa` is the binary, `inputs` the number that both engines are asked.

    Without an opa, or with rules that do not compile, nothing more can be said; engines are not started on
    rules that one of them is known to get wrong.
    """
    if opa is None:
        yield Check.of(
            "opa", False, "There is no opa on this machine: run `make opa`, or name one by OPA_BINARY."
        )
        return
    with laid_out(opa, files) as tool:
        yield Check.of("opa", True, tool.run("version")[1].partition("\n")[0])
        strict = Check.of("strict", *tool.checked("check", "--strict"))
        yield strict
        if not strict.ok:
            return
        yield _format(tool)
        tests = Check.of("tests", *tool.checked("test", "--timeout", "60s"))
        yield tests
        if tests.ok:
            yield _coverage(tool)
        fit = Check.without("portable", _portable(tool, files))
        yield fit
        rules = Rulebook.of(files)
        yield _annotations(rules)
        if fit.ok:
            yield from _engines(rules, opa, inputs, alive)


def _format(tool: Opa) -> Check:
    ok, said = tool.run("fmt", "--list", "--fail", str(tool.folder))
    texts = []
    for name in said.split() if not ok else ():
        file = tool.folder / name
        if name.endswith(".rego") and file.is_file():
            lines = diff_lines(file.read_text(encoding="utf-8"), tool.run("fmt", str(file))[1])
            texts += [
                f"{name} (portal policy fmt --write mends it)",
                *(one.sign.replace("@", "") + one.text for one in lines),
            ]
    return Check.of("format", ok, "\n".join(texts) or said)


def _coverage(tool: Opa) -> Check:
    _ok, said = tool.checked("test", "--coverage", "--timeout", "60s")
    try:
        files = {name: one for name, one in json.loads(said)["files"].items() if not is_test(name)}
    except (ValueError, KeyError):
        return Check.of("coverage", False, said)
    covered = sum(one.get("covered_lines", 0) for one in files.values())
    lines = covered + sum(one.get("not_covered_lines", 0) for one in files.values())
    share = 100.0 * covered / lines if lines else 0.0
    bare = [f"{name}: {_missed(one)}" for name, one in sorted(files.items()) if one.get("not_covered_lines")]
    head = f"{share:.1f} % of the lines of the rules, of at least {LEAST_COVERED:.0f} %"
    return Check.of("coverage", share >= LEAST_COVERED, "\n".join([head, *bare]))


def _missed(file: Mapping[str, object]) -> str:
    """Lines that no test comes by."""
    spans: list[dict[str, dict[str, int]]] = file.get("not_covered", [])  # type: ignore[assignment]
    rows = [(one["start"]["row"], one["end"]["row"]) for one in spans]
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in rows)


def _portable(tool: Opa, files: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(files):
        if not is_test(name):
            yield from dict.fromkeys(f"{name}:{one}" for one in portable.problems(tool.parsed(name)))


def _annotations(rules: Rulebook) -> Check:
    try:
        return Check.without("annotations", annotations.problems(rules))
    except YAMLError as error:
        return Check.of("annotations", False, str(error))


def _engines(rules: Rulebook, opa: str, inputs: int, alive: Callable[[], None]) -> Iterator[Check]:
    """That both build the rules and answer with a decision, and that they agree."""
    with ExitStack() as stack:
        try:
            theirs = stack.enter_context(engine(rules, opa))
            ours = stack.enter_context(engine(rules, ""))
            for one in (theirs, ours):
                parse(one.evaluate(PROBE))
        except EngineFault as fault:
            yield Check.of("engines", False, f"no decision from portal/main/decision: {fault}")
            return
        yield Check.of("engines", True)
        tally = parity.compare(theirs, ours, parity.generated(SEED, inputs), told=lambda _tally: alive())
    same = tally.agreed == tally.number
    text = f"{tally.agreed} of {tally.number} inputs alike, {tally.denied} of them denied"
    if tally.first:
        text += f"; {tally.false_allows} allowed by the built-in engine alone\n{_first(tally)}"
    yield Check.of("parity", same, text)


def _first(tally: parity.Tally) -> str:
    if tally.first is None:
        return ""
    document, theirs, ours = tally.first
    return f"first: {json.dumps(document, sort_keys=True)[:2000]}\nOPA: {theirs}\nbuilt-in: {ours}"
