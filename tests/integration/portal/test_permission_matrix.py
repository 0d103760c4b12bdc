"""Every address × method × person: what each gets, written by hand in matrix.txt (A1, I3, M1).

The objects are Lena's, so each line asks for one's own (lena), another's (mia to theo) and another
tenant's (nils). A line that is missing, or that names an address which is gone, fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.plugin import DjangoDbBlocker

from tests.database import empty
from tests.scene import Scene, make_scene, sign_in

TABLE = Path(__file__).with_name("matrix.txt")
PEOPLE = ["nobody", "mia", "lena", "omar", "sana", "ada", "theo", "nils"]
METHODS = ["GET", "POST"]


@dataclass(frozen=True)
class Line:
    """One address and method with the status for each person."""

    route: str
    method: str
    outcomes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def _read() -> list[Line]:
    lines = []
    for text in TABLE.read_text(encoding="utf-8").splitlines():
        if text.strip() and not text.startswith("#"):
            route, method, *outcomes = text.split()
            assert len(outcomes) == len(PEOPLE), text
            lines.append(Line(route.removeprefix("/"), method, tuple(outcomes)))
    return lines


LINES = _read()


def _routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _routes(one.url_patterns, route)
        else:
            yield re.sub(r"[\^$]|\(\?P<(\w+)>[^)]*\)", lambda m: f"<{m[1]}>" if m[1] else "", route)


def test_the_matrix_names_every_address_and_no_other() -> None:
    known = {(line.route, line.method) for line in LINES}
    wanted = {(route, method) for route in _routes(get_resolver().url_patterns) for method in METHODS}
    assert wanted - known == set(), "addresses without a line in matrix.txt"
    assert known - wanted == set(), "lines of addresses that are gone"


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """Lena's things, one of each kind, committed once for all lines."""
    with django_db_blocker.unblock():
        try:
            made = make_scene()
            for name, person in made.people.items():
                sign_in(made.clients[name], person)
            yield made
        finally:
            empty()


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_the_matrix_says(scene: Scene, line: Line) -> None:
    path = scene.fill(line.route)
    got = [_ask(scene, path, line.method, name) for name in PEOPLE]
    wrong = [
        f"{name}: {status}, not {expected}"
        for name, status, expected in zip(PEOPLE, got, line.outcomes, strict=True)
        if str(status) != expected
    ]
    assert not wrong, f"{line.method} {path}\n" + "\n".join(wrong)


def _ask(scene: Scene, path: str, method: str, name: str) -> int:
    """The status that the person gets; whatever was written is rolled back."""
    scene.browser.cookies.clear()
    if name in scene.clients:
        scene.browser.cookies.load(scene.clients[name].cookies)
    with transaction.atomic():
        answer = scene.browser.post(path) if method == "POST" else scene.browser.get(path)
        transaction.set_rollback(True)
    return answer.status_code
