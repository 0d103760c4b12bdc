"""Secrets in the data folder: made once, readable by their owner alone, kept across restarts."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from jwcrypto.jwk import JWK


def kept(path: Path, make: Callable[[], str]) -> str:
    """The content of `path`, made by `make` at the first call; mode 0600, never seen half-written.

    Raises:
        PermissionError: the file exists and others may read it.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(make())
        try:
            os.link(draft, path)  # unlike a rename it fails when another start was faster
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} is readable by others; chmod 600 it.")
    return path.read_text(encoding="utf-8").strip()


def secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def rsa_key() -> str:
    """A new 2048-bit RSA private key in PEM."""
    key: str = JWK.generate(kty="RSA", size=2048).export_to_pem(private_key=True, password=None).decode()
    return key
