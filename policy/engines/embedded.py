"""The embedded engine: regopy in processes of its own that can be killed (docs/adr/0020).

Never in the caller's process: regopy has no time-out, and an interpreter that two threads share was
measured to return another request's decision. Each worker process holds one interpreter and serves one
evaluation at a time. Nothing starts before the first evaluation, and a process that forks (gunicorn,
Celery) leaves its parent's workers alone and starts its own.
"""

import atexit
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

from policy.engines import portable
from policy.engines.base import EngineFault, Fault, check_numbers
from policy.inputs import ENTRY_POINT, Document
from policy.rulebook import Rulebook

WORKER = Path(__file__).resolve().parent / "worker.py"
START_SECONDS = 5.0  # a new process loads regopy and builds the rules: 0.3 s on an idle machine
MAX_ANSWER_BYTES = 4 * 1024 * 1024
_engines: "weakref.WeakSet[EmbeddedEngine]" = weakref.WeakSet()


class _Worker:
    """One process with one interpreter. Used by one thread at a time."""

    def __init__(self, order: bytes) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._ready = False
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
                [sys.executable, "-I", str(WORKER)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the portal, which then closes the socket
            )
        self._send(order, time.monotonic() + START_SECONDS)

    def ask(self, document: bytes, seconds: float) -> Any:
        """What the worker says to one input.

        Raises:
            EngineFault: it died, hung or spoke nonsense; the worker is of no more use.
        """
        if not self._ready:
            started = self._receive(time.monotonic() + START_SECONDS)
            if not isinstance(started, dict) or started.get("ready") is not True:
                raise EngineFault(Fault.NONSENSE, "the rules do not build")
            self._ready = True
        deadline = time.monotonic() + seconds
        self._send(document, deadline)
        return self._receive(deadline)

    def _send(self, body: bytes, deadline: float) -> None:
        try:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            self._socket.sendall(struct.pack(">I", len(body)) + body)
        except TimeoutError as error:
            raise EngineFault(Fault.TIMED_OUT) from error
        except OSError as error:
            raise EngineFault(Fault.DIED) from error

    def _receive(self, deadline: float) -> Any:
        (length,) = struct.unpack(">I", self._take(4, deadline))
        if length > MAX_ANSWER_BYTES:
            raise EngineFault(Fault.NONSENSE, f"an answer of {length} bytes")
        try:
            return json.loads(self._take(length, deadline))
        except ValueError as error:
            raise EngineFault(Fault.NONSENSE, "not JSON") from error

    def _take(self, length: int, deadline: float) -> bytes:
        body = bytearray()
        while len(body) < length:
            try:
                self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
                part = self._socket.recv(length - len(body))
            except TimeoutError as error:
                raise EngineFault(Fault.TIMED_OUT) from error
            except OSError as error:
                raise EngineFault(Fault.DIED) from error
            if not part:
                raise EngineFault(Fault.DIED)
            body += part
        return bytes(body)

    @property
    def alive(self) -> bool:
        """False once the process has ended."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End the process, stopped or looping, and reap it."""
        self._socket.close()
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        """In a forked child: let go of what belongs to the parent, without a word to the process."""
        self._socket.close()
        self.process.returncode = 0  # not ours to wait for


class EmbeddedEngine:
    """Evaluates `rulebook` in up to `workers` processes, each decision within `seconds`."""

    name = "embedded"

    def __init__(self, rulebook: Rulebook, *, seconds: float = 2.0, workers: int = 2) -> None:
        self.revision = rulebook.revision
        self._seconds = seconds
        self._workers = workers
        # the process ends itself a little after we would have killed it
        order = {"modules": rulebook.modules, "entry_point": ENTRY_POINT, "seconds": seconds + 1}
        self._order = json.dumps(order).encode()
        self._open()
        _engines.add(self)

    def _open(self) -> None:
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(self._workers)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()

    def alive(self) -> bool:
        """Always (see Engine.alive): its rules are in this process, and a worker that dies is replaced."""
        return True

    def evaluate(self, document: Document) -> Any:
        """The decision on `document` (see Engine.evaluate)."""
        try:
            check_numbers(document)
            body = json.dumps(portable.encode(document)).encode()
        except (UnicodeEncodeError, TypeError, ValueError) as error:
            raise EngineFault(Fault.INPUT, type(error).__name__) from error
        slots = self._slots
        if not slots.acquire(timeout=self._seconds):
            raise EngineFault(Fault.BUSY)
        try:
            answer = self._ask(body)
        finally:
            slots.release()
        if not isinstance(answer, dict) or "result" not in answer:
            raise EngineFault(Fault.NONSENSE, str(answer)[:80])
        try:
            return portable.decode(answer["result"])
        except ValueError as error:
            raise EngineFault(Fault.NONSENSE, "a string that was never sent") from error

    def _ask(self, body: bytes) -> Any:
        worker = self._take()
        try:
            answer = worker.ask(body, self._seconds)
        except BaseException:
            self._replace(worker)
            raise
        with self._lock:
            self._busy.discard(worker)
            self._idle.append(worker)
        return answer

    def _take(self) -> _Worker:
        """An idle worker, else a new one; those that died while idle are passed over."""
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive:
                    break
                worker.kill()
            else:
                worker = self._start()
            self._busy.add(worker)
            return worker

    def _start(self) -> _Worker:
        try:
            return _Worker(self._order)
        except OSError as error:
            raise EngineFault(Fault.AWAY, type(error).__name__) from error

    def _replace(self, worker: _Worker) -> None:
        """Kill a worker that failed and have the next one start while nobody waits."""
        with self._lock:
            self._busy.discard(worker)
            worker.kill()
            self._idle.append(self._start())

    @property
    def pids(self) -> list[int]:
        """The worker processes of this process, for the status page and for tests of their loss."""
        with self._lock:
            return [worker.process.pid for worker in [*self._busy, *self._idle]]

    def close(self) -> None:
        """End the idle workers (see Engine.close)."""
        with self._lock:
            while self._idle:
                self._idle.pop().kill()

    def forget(self) -> None:
        """Start afresh in a forked child."""
        for worker in [*self._busy, *self._idle]:
            worker.forget()
        self._open()


def _forget_all() -> None:
    for engine in list(_engines):
        engine.forget()


def _close_all() -> None:
    for engine in list(_engines):
        engine.close()


os.register_at_fork(after_in_child=_forget_all)
atexit.register(_close_all)
