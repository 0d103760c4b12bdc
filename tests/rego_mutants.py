"""Flips of conditions in the rules, and whether `opa test` notices each (mutation analysis).

Places come from OPA's own parser (`opa parse`), so that a flip never hits a comment or a name. A flip that
does not compile is none: it is counted apart and says nothing about the tests. Flips that change no decision
are listed with the reason in rego_equivalents.txt.
"""

import base64
import itertools
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from policy.rulebook import LIBRARY

EQUIVALENTS = Path(__file__).with_name("rego_equivalents.txt")
OPERATORS = {
    "==": ["!="],
    "!=": ["=="],
    ">": [">=", "<"],
    "<": ["<=", ">"],
    ">=": [">", "<"],
    "<=": ["<", ">"],
    "&": ["|"],
    "|": ["&"],
    "-": ["|"],
}
Node = Any  # of OPA's abstract syntax tree


class Fate(Enum):
    """What became of a flip."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    UNVIABLE = "does not compile"


@dataclass(frozen=True)
class Mutant:
    """One rule file with one flip: `start` and `end` bound what is replaced by `after`."""

    file: Path
    rule: str
    condition: str
    start: int
    end: int
    before: str
    after: str

    @property
    def text(self) -> str:
        """The flipped file."""
        whole = self.file.read_text(encoding="utf-8")
        return whole[: self.start] + self.after + whole[self.end :]

    def __str__(self) -> str:
        """How it is told, and listed as equivalent: without a line number, which every edit would change."""
        flip = f"{self.before} → {self.after}" if self.before != self.condition else self.after
        return f"{self.file.name} {self.rule}: {' '.join(self.condition.split())} ⇒ {' '.join(flip.split())}"


class _Places:
    """Walks the syntax tree of one file and yields its flips."""

    def __init__(self, binary: str, file: Path) -> None:
        self.file = file
        self._text = file.read_text(encoding="utf-8")
        lengths = [len(line) for line in self._text.splitlines(keepends=True)]
        self._lines = [0, *itertools.accumulate(lengths)]
        command = [binary, "parse", "--format", "json", "--json-include", "locations", str(file)]
        self._tree = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    def mutants(self) -> Iterator[Mutant]:
        """Every flip, each once."""
        seen = set()
        for rule in self._tree["rules"]:
            for mutant in self._flips(rule, rule["head"].get("name", ""), ""):
                if (mutant.start, mutant.end, mutant.after) not in seen:
                    seen.add((mutant.start, mutant.end, mutant.after))
                    yield mutant

    def _flips(self, node: Node, rule: str, condition: str) -> Iterator[Mutant]:
        if isinstance(node, list):
            for item in node:
                yield from self._flips(item, rule, condition)
        if not isinstance(node, dict):
            return
        for expression in node.get("body", []):
            yield from self._expression(expression, rule)
        yield from self._operator(node, rule, condition)
        yield from self._constant(node, rule, condition)
        for name, part in node.items():
            if name in {"body", "location", "annotations"}:
                continue
            inside = condition or (self._span(node)[2] if name == "value" and "location" in node else "")
            if node.get("type") == "object" and name == "value":
                part = [value for _key, value in part]  # noqa: PLW2901 - keys are names, not conditions
            yield from self._flips(part, rule, inside)

    def _expression(self, node: Node, rule: str) -> Iterator[Mutant]:
        """A condition: dropped, and turned round."""
        start, end, text = self._span(node)
        terms = node["terms"]
        if self._text.startswith(text, start) and not self._binds(terms):
            yield Mutant(self.file, rule, text, start, end, text, "true")
            turned = text.removeprefix("not ") if node.get("negated") else f"not {text}"
            yield Mutant(self.file, rule, text, start, end, text, turned)
        yield from self._operator(node, rule, text)
        yield from self._flips(terms, rule, text)

    def _binds(self, terms: Node) -> bool:
        """Whether it gives a name its value, without which the rest would not compile."""
        if isinstance(terms, dict):
            return "symbols" in terms or terms.get("type") == "boolean"
        return bool(self._span(terms[0])[2] in {":=", "="})

    def _operator(self, node: Node, rule: str, condition: str) -> Iterator[Mutant]:
        parts = node.get("terms") if "terms" in node else node.get("value")
        if not isinstance(parts, list) or not parts or node.get("type", "call") != "call":
            return
        if isinstance(parts[0], dict) and "location" in parts[0]:
            start, end, text = self._span(parts[0])
            for after in OPERATORS.get(text, []):
                yield Mutant(self.file, rule, condition or self._span(node)[2], start, end, text, after)

    def _constant(self, node: Node, rule: str, condition: str) -> Iterator[Mutant]:
        if node.get("type") not in {"string", "number", "boolean"} or "location" not in node:
            return
        start, end, text = self._span(node)
        changes = {"true": ["false"], "false": ["true"]}.get(text, [])
        if node["type"] == "number" and text.isdigit():
            changes = [str(int(text) + 1), str(int(text) - 1)]
        elif node["type"] == "string" and text.startswith('"'):
            changes = [f'{text[:-1]}~"']
        for after in changes:
            yield Mutant(self.file, rule, condition or text, start, end, text, after)

    def _span(self, node: Node) -> tuple[int, int, str]:
        place = node["location"]
        start = self._lines[place["row"] - 1] + place["col"] - 1
        text = base64.b64decode(place["text"]).decode()
        return start, start + len(text), text


def mutants(binary: str, file: Path) -> list[Mutant]:
    """Every flip of one rule file."""
    return list(_Places(binary, file).mutants())


def rule_files(folder: Path = LIBRARY) -> list[Path]:
    """The files of the library that are no tests."""
    return sorted(path for path in folder.glob("*.rego") if not path.stem.endswith("_test"))


def fate(binary: str, mutant: Mutant) -> Fate:
    """Run the tests of the file, then, where they notice nothing, all of them."""
    folder = mutant.file.parent
    with tempfile.TemporaryDirectory(prefix="mutant-") as temporary:
        flipped = Path(temporary) / mutant.file.name
        flipped.write_text(mutant.text, encoding="utf-8")
        rules = [flipped, *(path for path in rule_files(folder) if path != mutant.file)]
        own = mutant.file.with_name(f"{mutant.file.stem}_test.rego")
        example = folder / "example_test.rego"
        stages: list[list[Path]] = [[example, own]] if own.exists() else []
        for tests in [*stages, sorted(folder.glob("*_test.rego"))]:
            if _run(binary, "test", *rules, *tests):
                continue
            return Fate.NOTICED if _run(binary, "check", *rules) else Fate.UNVIABLE
    return Fate.SURVIVED


def _run(binary: str, command: str, *files: Path) -> bool:
    done = subprocess.run([binary, command, *map(str, files)], capture_output=True, check=False)
    return done.returncode == 0


@dataclass(frozen=True)
class Report:
    """How many flips there were, and which nobody noticed though they change a decision."""

    noticed: int
    unviable: int
    equivalent: int
    survived: tuple[Mutant, ...]

    @property
    def share(self) -> float:
        """The noticed part of the flips that change something."""
        return self.noticed / max(self.noticed + len(self.survived), 1)


def analyse(binary: str, flips: Sequence[Mutant]) -> Report:
    """Try every flip, as many at once as there are processors."""
    reasons = equivalents()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        fates = list(pool.map(lambda flip: fate(binary, flip), flips))
    alive = [flip for flip, found in zip(flips, fates, strict=True) if found is Fate.SURVIVED]
    survived = tuple(flip for flip in alive if str(flip) not in reasons)
    return Report(
        noticed=fates.count(Fate.NOTICED),
        unviable=fates.count(Fate.UNVIABLE),
        equivalent=len(alive) - len(survived),
        survived=survived,
    )


def equivalents() -> dict[str, str]:
    """The flips that change no decision, with the reason of each."""
    blocks = EQUIVALENTS.read_text(encoding="utf-8").split("\n\n")
    return dict(block.strip().split("\n", 1) for block in blocks[1:])
