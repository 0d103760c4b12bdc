"""`python -m tests.vault_reader TENANT BOX [deaf]`: a process that reads one sealed value at each line of its
input and says what came of it. `deaf`: the channel of changed keys never answers it."""

import sys
import uuid

import django

django.setup()

from identity.errors import DomainError  # noqa: E402 - after set-up
from tests.vault_keys import unseal  # noqa: E402
from vault import rings  # noqa: E402


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(tenant: uuid.UUID, box: bytes, deaf: bool) -> None:
    """Read, say, wait."""
    if deaf:
        rings.listener.begin = lambda: None  # type: ignore[method-assign]
    while True:
        try:
            say(f"read {unseal(tenant, box)}")
        except DomainError as error:
            say(f"refused {type(error).__name__}")
        if not sys.stdin.readline():
            return


if __name__ == "__main__":
    main(uuid.UUID(sys.argv[1]), bytes.fromhex(sys.argv[2]), "deaf" in sys.argv[3:])
