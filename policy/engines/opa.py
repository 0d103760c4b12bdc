"""A real OPA server as the engine (docs/adr/0020): the authority wherever one is configured."""

import json
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from policy.engines.base import EngineFault, Fault, check_numbers
from policy.engines.pulse import Pulse
from policy.inputs import ENTRY_POINT, Document

MAX_ANSWER_BYTES = 4 * 1024 * 1024
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 1.0
Accept = Callable[[frozenset[str]], str]  # of the revisions that are loaded, the one to take


class Circuit:
    """Stops asking a server that failed several times in a row; one caller tries again after a while."""

    def __init__(self, failures: int = FAILURES_TO_OPEN, seconds: float = OPEN_SECONDS) -> None:
        self._limit, self._seconds = failures, seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._retry_at = 0.0

    def enter(self) -> None:
        """Raises:
        EngineFault: the circuit is open and it is not yet this caller's turn to try.
        """
        with self._lock:
            if self._failures < self._limit:
                return
            now = time.monotonic()
            if now < self._retry_at:
                raise EngineFault(Fault.AWAY, "circuit open")
            self._retry_at = now + self._seconds

    def passed(self) -> None:
        """The server answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """The server did not."""
        with self._lock:
            self._failures += 1
            self._retry_at = time.monotonic() + self._seconds


class OpaEngine:
    """Asks an OPA server over HTTP(S) or a Unix socket (`unix:///path`), keeping connections.

    `revision` is what the portal publishes. A server that says it loaded a bundle of another revision is
    not believed; nor is one that answers 200 without a result, which means that the rule is undefined.
    """

    name = "opa"

    def __init__(self, url: str, revision: str, *, seconds: float = 2.0) -> None:
        self.revision = revision
        self._url = url
        self._seconds = seconds
        self._circuit = Circuit()
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._pid = 0
        self._pulse = Pulse(url)

    def alive(self) -> bool:
        """Whether the server's process is there (see Engine.alive)."""
        return self._pulse.beats()

    def evaluate(self, document: Document) -> Any:
        """The decision on `document` (see Engine.evaluate)."""
        return self.evaluate_by(document, self._own)[0]

    def evaluate_by(self, document: Document, accept: Accept) -> tuple[Any, str]:
        """The decision on `document`, and the revision that `accept` took it to be by.

        Raises:
            EngineFault: there is none (see Engine.evaluate), or `accept` takes none of the revisions.
        """
        try:
            check_numbers(document)
            body = json.dumps({"input": document}, ensure_ascii=False).encode()
        except (UnicodeEncodeError, TypeError, ValueError) as error:
            raise EngineFault(Fault.INPUT, type(error).__name__) from error
        self._circuit.enter()
        try:
            answer = self._ask(body)
            loaded = _revisions(answer.get("provenance"))
        except EngineFault:
            self._circuit.failed()
            raise
        self._circuit.passed()  # whoever loaded other rules is there all the same
        return answer["result"], accept(loaded)

    def _ask(self, body: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(self._post(body))
        except ValueError as error:
            raise EngineFault(Fault.NONSENSE, "not JSON") from error
        if not isinstance(answer, dict) or "result" not in answer:
            raise EngineFault(Fault.NONSENSE, "no result")
        return answer

    def _post(self, body: bytes) -> bytes:
        """The body of the answer, within the time-out as a whole and not per read."""
        deadline = time.monotonic() + self._seconds
        try:
            with self._connection().stream(
                "POST",
                f"/v1/data/{ENTRY_POINT}",
                params={"provenance": "true"},
                content=body,
                headers={"Content-Type": "application/json"},
            ) as response:
                if response.status_code != 200:
                    raise EngineFault(Fault.NONSENSE, f"HTTP {response.status_code}")
                answer = bytearray()
                for part in response.iter_bytes():
                    answer += part
                    if len(answer) > MAX_ANSWER_BYTES:
                        raise EngineFault(Fault.NONSENSE, "an answer without end")
                    if time.monotonic() > deadline:
                        raise EngineFault(Fault.TIMED_OUT)
                return bytes(answer)
        except httpx.TimeoutException as error:
            raise EngineFault(Fault.TIMED_OUT) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise EngineFault(Fault.AWAY, type(error).__name__) from error

    def _own(self, loaded: frozenset[str]) -> str:
        if self.revision not in loaded:
            raise EngineFault(Fault.REVISION)
        return self.revision

    def _connection(self) -> httpx.Client:
        """This process's client; one that came over a fork is left to its owner."""
        with self._lock:
            if self._client is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._client = self._open()
            return self._client

    def _open(self) -> httpx.Client:
        timeout = httpx.Timeout(self._seconds)
        limits = httpx.Limits(max_keepalive_connections=16)
        if self._url.startswith("unix://"):
            transport = httpx.HTTPTransport(uds=self._url.removeprefix("unix://"), limits=limits)
            return httpx.Client(base_url="http://opa", transport=transport, timeout=timeout)
        return httpx.Client(base_url=self._url, limits=limits, timeout=timeout, trust_env=False)

    def close(self) -> None:
        """Close the connections (see Engine.close)."""
        self._pulse.stop()
        with self._lock:
            if self._client is not None and self._pid == os.getpid():
                self._client.close()
            self._client = None


def _revisions(provenance: Any) -> frozenset[str]:
    """Of the bundles that the server says it loaded."""
    bundles = provenance.get("bundles") if isinstance(provenance, dict) else None
    if not isinstance(bundles, dict):
        raise EngineFault(Fault.REVISION, "no bundle")
    return frozenset(str(bundle.get("revision")) for bundle in bundles.values() if isinstance(bundle, dict))


def server_command(binary: str, bundle: str, url: str, *, watch: bool = False) -> list[str]:
    """How to run an OPA of one's own for `url` (`unix://…` or `http://127.0.0.1:port`) on `bundle`.

    With `watch` it loads a bundle again that is replaced; one that does not load leaves it as it was.
    """
    address = url if url.startswith("unix://") else url.removeprefix("http://")
    return [
        binary, "run", "--server", "--skip-version-check", "--log-level=error",
        f"--addr={address}", *(["--watch"] if watch else []), "--bundle", bundle,
    ]  # fmt: skip
