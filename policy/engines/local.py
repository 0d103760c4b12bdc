"""An OPA on this machine that one caller started for itself, asked many thousand times in a row.

The portal's own engine (policy/engines/opa.py) speaks to any server, for any number of callers, and stops
asking one that fails. Here neither is wanted: the way to the server is a Unix socket, a question without an
answer tells nothing of the next one, and the client's share of each question is what makes a simulation slow
(0.2 ms of processor time with the standard library's client, 0.8 with httpx).
"""

import http.client
import socket
import threading

from policy.engines.base import EngineFault, Fault
from policy.engines.opa import MAX_ANSWER_BYTES, Circuit, OpaEngine
from policy.inputs import ENTRY_POINT

_NEVER = 2**62  # failures in a row


class LocalOpa(OpaEngine):
    """OpaEngine over the Unix socket at `path`: a connection for each thread, and no circuit."""

    def __init__(self, path: str, revision: str, *, seconds: float) -> None:
        super().__init__(f"unix://{path}", revision, seconds=seconds)
        self._path = path
        self._circuit = Circuit(failures=_NEVER)
        self._of_thread = threading.local()
        self._opened: list[_Connection] = []

    def _post(self, body: bytes) -> bytes:
        connection = self._mine()
        try:
            connection.request(
                "POST",
                f"/v1/data/{ENTRY_POINT}?provenance=true",
                body,
                {"Content-Type": "application/json"},
            )
            response = connection.getresponse()
            answer = response.read(MAX_ANSWER_BYTES + 1)
        except TimeoutError as error:
            connection.close()
            raise EngineFault(Fault.TIMED_OUT) from error
        except (http.client.HTTPException, OSError) as error:
            connection.close()  # the next question opens it again
            raise EngineFault(Fault.AWAY, type(error).__name__) from error
        if response.status != 200:
            raise EngineFault(Fault.NONSENSE, f"HTTP {response.status}")
        if len(answer) > MAX_ANSWER_BYTES:
            connection.close()
            raise EngineFault(Fault.NONSENSE, "an answer without end")
        return answer

    def _mine(self) -> "_Connection":
        found: _Connection | None = getattr(self._of_thread, "connection", None)
        if found is None:
            found = self._of_thread.connection = _Connection(self._path, self._seconds)
            self._opened.append(found)
        return found

    def close(self) -> None:
        """Close the connections (see Engine.close)."""
        super().close()
        for connection in self._opened:
            connection.close()


class _Connection(http.client.HTTPConnection):
    """HTTP/1.1 over a Unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("opa", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
