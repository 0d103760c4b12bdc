"""Starts children in order, watches them, stops them in reverse. One foreground process, no orphans."""

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

logger = logging.getLogger(__name__)

# A server that was killed leaves what its last processes still hold (memory, a lock file); they go
# within moments, on a busy machine within seconds.
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
LAST_LINES = 5  # of the log of a child that did not start, shown to the person who started it
MOST_ENDS = 5  # by itself, within the window, before the whole is given up
WINDOW_SECONDS = 60
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class StartFailed(RuntimeError):
    """A child ended or did not become ready in time; the text says which and where its log is."""


@dataclass
class Child:
    """One program to keep running. `ready` is asked until it is true; `stop` is the polite signal."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    ready: Callable[[], bool] = lambda: True
    stop: signal.Signals = signal.SIGTERM
    before: Callable[[], None] = lambda: None  # run before each start
    ready_seconds: float = 60
    ends: list[float] = field(default_factory=list, repr=False)  # when it ended by itself
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Supervisor:
    """Runs children, each in a session of its own so that Ctrl-C reaches this process alone."""

    def __init__(self, logs: Path, cwd: Path) -> None:
        self.logs = logs
        self.cwd = cwd
        self.children: list[Child] = []
        self.stopping = threading.Event()
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, child: Child) -> None:
        """Start `child` and wait until it is ready.

        Raises:
            StartFailed: it ended, or was not ready within its time.
        """
        self.children.append(child)
        self._bring_up(child)

    def watch(self, tell: Callable[[str], None]) -> None:
        """Until told to stop, start again whatever ends by itself; `tell` hears of each.

        Raises:
            StartFailed: a child keeps ending, or does not come up again.
        """
        while not self.stopping.wait(0.5):
            for child in self.children:
                if child.process is None or child.process.poll() is None:
                    continue
                recent = [at for at in child.ends if time.monotonic() - at < WINDOW_SECONDS]
                child.ends = [*recent, time.monotonic()]
                if len(child.ends) > MOST_ENDS:
                    raise StartFailed(f"{child.name} keeps ending; see {self._log(child)}")
                tell(f"{child.name} ended by itself and is started again")
                self._bring_up(child)

    def _bring_up(self, child: Child) -> None:
        for attempt, pause in enumerate((*PAUSES_SECONDS, 0.0), 1):
            child.before()
            self._spawn(child)
            if self._wait_ready(child):
                return
            waited_in_vain = child.process is not None and child.process.poll() is None
            _end(child)
            logger.warning("%s did not start (attempt %s)", child.name, attempt)
            if waited_in_vain or self.stopping.wait(pause):
                break
        raise StartFailed(f"{child.name} did not start; see {self._log(child)}\n{self._last_words(child)}")

    def stop_all(self) -> None:
        """Stop every child, last started first; one that does not go is killed."""
        self.stopping.set()
        for child in reversed(self.children):
            _end(child)
        self.children.clear()

    def _log(self, child: Child) -> Path:
        return self.logs / f"{child.name}.log"

    def _last_words(self, child: Child) -> str:
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self._log(child).read_text(errors="replace").splitlines()[-LAST_LINES:])
        return ""

    def _spawn(self, child: Child) -> None:
        with self._log(child).open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 - commands are our own
                child.command,
                env=dict(child.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one C call, before threads exist
            )

    def _wait_ready(self, child: Child) -> bool:
        deadline = time.monotonic() + child.ready_seconds
        while time.monotonic() < deadline and not self.stopping.is_set():
            if child.process is None or child.process.poll() is not None:
                return False
            if child.ready():
                return True
            time.sleep(0.05)
        return False


def _end(child: Child, grace_seconds: float = 10) -> None:
    process = child.process
    if process is None:
        return
    if process.poll() is None:
        process.send_signal(child.stop)
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        logger.warning("%s did not stop in %s s and is killed", child.name, grace_seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its children too: a web worker would keep the port
    process.wait()
