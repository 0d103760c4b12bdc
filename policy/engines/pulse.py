"""Whether a server is still there, told in microseconds: for answers that are quoted, not asked for anew."""

import os
import socket
import threading
from urllib.parse import urlsplit

CONNECT_SECONDS = 0.2
_PORTS = {"http": 80, "https": 443}


class Pulse:
    """An idle connection to the server, on which the kernel tells at once when the server's process is gone.

    It says nothing of a server that hangs: that one is found out by asking.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._pid = 0

    def beats(self) -> bool:
        """Whether the connection stands, or another one can be made."""
        with self._lock:
            if self._socket is not None and self._pid == os.getpid() and _stands(self._socket):
                return True
            if self._socket is not None:
                self._socket.close()  # in a forked child only this process's copy of it
                self._socket = None
            try:
                self._socket, self._pid = self._connect(), os.getpid()
            except OSError:
                return False
            return True

    def stop(self) -> None:
        """Close the connection; the next beat makes another."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = None

    def _connect(self) -> socket.socket:
        if self._url.startswith("unix://"):
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            made.settimeout(CONNECT_SECONDS)
            try:
                made.connect(self._url.removeprefix("unix://"))
            except OSError:
                made.close()
                raise
            made.setblocking(False)
            return made
        parts = urlsplit(self._url)
        address = (parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 80))
        made = socket.create_connection(address, timeout=CONNECT_SECONDS)
        made.setblocking(False)
        return made


def _stands(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True  # nothing was said, and nobody hung up
    except OSError:
        return False
