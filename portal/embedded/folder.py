"""The data folder of an embedded installation: one owner at a time, secrets kept, sockets short."""

import fcntl
import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import IO


class InUse(RuntimeError):
    """Another `portal up` holds this data folder."""


class DataFolder:
    """Paths below one folder. Its lock is held by an open file: a killed owner frees it by itself."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock: IO[str] | None = None

    def lock(self, note: str) -> None:
        """Take the folder; `note` tells a second comer where the first one answers.

        Raises:
            InUse: somebody else has it; the text is the first one's note.
        """
        handle = (self.path / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise InUse(handle.read().strip()) from error
        handle.truncate(0)
        handle.write(note)
        handle.flush()
        self._lock = handle

    def secret(self, name: str) -> str:
        """A random secret that is made once and kept in a file only its owner reads."""
        path = self.path / "secrets" / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="utf-8")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        return path.read_text(encoding="utf-8")

    @property
    def sockets(self) -> Path:
        """Where servers put their sockets: not below the folder, whose path may be over 100 characters."""
        digest = hashlib.sha256(str(self.path).encode()).hexdigest()[:12]
        path = Path(tempfile.gettempdir()) / f"portal-{os.getuid()}-{digest}"
        path.mkdir(mode=0o700, exist_ok=True)
        if path.stat().st_uid != os.getuid():
            raise PermissionError(f"{path} belongs to somebody else")
        return path
