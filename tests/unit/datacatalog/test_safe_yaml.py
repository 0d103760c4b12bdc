"""YAML from strangers: plain values by line, and nothing that multiplies, hides or runs."""

import time

import pytest

from datacatalog.problems import BrokenFile
from datacatalog.safe_yaml import MAX_BYTES, parse, spelled

LAUGHS = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 10)) for n in range(9)
)


def test_values_are_plain_and_every_path_has_its_line() -> None:
    document = parse(b"a: 1\nb:\n  - x: true\n    y: 2024-01-01\n  - ~\nc: 0x10\nd: 1.5\ne: no\n")
    assert document.value == {
        "a": 1,
        "b": [{"x": True, "y": "2024-01-01"}, None],
        "c": 16,
        "d": 1.5,
        "e": "no",
    }
    assert document.line(("b", 0, "y")) == 4
    assert document.line(("b", 0, "y", "deeper")) == 4
    assert spelled(("b", 0, "y")) == "b[0].y"


def test_an_alias_that_does_not_multiply_is_taken() -> None:
    assert parse(b"a: &a [1]\nb: *a\n").value == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty", 0),
        (b"# nothing\n", "empty", 0),
        (b"a: 1\nb: 2\na: 3\n", "duplicate_key", 3),
        (b"a:\n  b: 1\n  'b': 2\n", "duplicate_key", 3),
        (b"a: 1\n\tb: 2\n", "syntax", 2),
        (b"a: [1\n", "syntax", 2),
        (b"a: 1\n---\nb: 2\n", "many_documents", 3),
        (b"ok: 1\nbad: \xff\n", "not_utf8", 2),
        (b"a: \x00\n", "syntax", 1),
        (b"ok: 1\na: !!python/object/apply:os.system [id]\n", "tag", 2),
        (b"a: !secret x\n", "tag", 1),
        (b"? [1]\n: x\n", "key_not_text", 1),
        (b"b: &b {x: 1}\na:\n  <<: *b\n", "key_not_text", 3),
        (b"1: x\n", "key_not_text", 1),
        (b"a: &a [*a]\n", "too_deep", 1),
        (b"[" * 10_000, "too_deep", 1),
        (LAUGHS, "too_many", 1),
        (b"x" * (MAX_BYTES + 1), "too_large", 0),
    ],
)
def test_what_is_refused_and_where(content: bytes, code: str, line: int) -> None:
    started = time.monotonic()
    with pytest.raises(BrokenFile) as broken:
        parse(content)
    problem = broken.value.problems[0]
    assert (problem.code, problem.line) == (code, line)
    assert problem.text()
    assert time.monotonic() - started < 5
