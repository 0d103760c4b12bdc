"""The supervisor: patient with what a killed server leaves behind, plain about what does not start."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded.supervisor import Child, StartFailed, Supervisor

# Ends twice with the words of PostgreSQL that finds memory of a killed server; then it stays.
RELUCTANT = """
import pathlib, sys, time
tries = pathlib.Path(sys.argv[1])
tries.write_text((tries.read_text() if tries.exists() else "") + "x")
if len(tries.read_text()) < 3:
    sys.exit("pre-existing shared memory block is still in use")
(tries.parent / "ready").touch()
time.sleep(60)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "logs", tmp_path)
    yield supervisor
    supervisor.stop_all()


def test_a_child_that_ends_at_once_is_tried_again_after_a_pause(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    asked: list[int] = []
    supervisor.start(
        Child(
            "reluctant",
            [sys.executable, "-c", RELUCTANT, str(tmp_path / "tries")],
            os.environ,
            ready=(tmp_path / "ready").exists,
            before=lambda: asked.append(1),
        )
    )
    assert (tmp_path / "tries").read_text() == "xxx"
    assert len(asked) == 3, "what is to be done before a start is done before each"


def test_one_that_never_starts_is_told_with_its_last_words(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.embedded.supervisor.PAUSES_SECONDS", (0.01,))
    words = "import sys; sys.exit('the disk is full')"
    with pytest.raises(StartFailed, match=r"(?s)never did not start; see .*never.log.*the disk is full"):
        supervisor.start(Child("never", [sys.executable, "-c", words], os.environ, ready=lambda: False))


def test_one_that_hangs_is_not_waited_for_twice(supervisor: Supervisor, tmp_path: Path) -> None:
    starts: list[int] = []
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(StartFailed):
        supervisor.start(
            Child(
                "sleeper",
                sleeper,
                os.environ,
                ready=lambda: False,
                ready_seconds=0.3,
                before=lambda: starts.append(1),
            )
        )
    assert len(starts) == 1
