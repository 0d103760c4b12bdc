"""`portal erasure-certificate verify`: what was erased, proved by two files, without portal or database."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vault.certificates import ERASURE, BadCertificate, verified

OK, BAD, UNREADABLE = 0, 1, 2


def verify(certificate: Path, keys: Path) -> int:
    """Say what a certificate proves."""
    try:
        token, pems = certificate.read_text(encoding="ascii"), keys.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"cannot be read: {error}\n")
        return UNREADABLE
    try:
        told = verified(token, pems, ERASURE)
    except BadCertificate as error:
        sys.stderr.write(f"NOT VERIFIED: {error}\n")
        return BAD
    sys.stdout.write("\n".join(_lines(told)) + "\n")
    return OK


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"Verified: erasure {told['reference']} of tenant {told['tenant']}, request {told['request']}"
    yield f"  asked {told['asked_at']}, decision {told['decision']}"
    for vote in told["approved"]:
        yield f"  approved {vote['at']} by {vote['by']}"
    for one in told["erased"]:
        what = "whole records" if not one["fields"] else f"{len(one['fields'])} fields"
        yield f"  {one['title']}: {one['records']} records, {what}, until {one['until']}"
        for batch in one["batches"]:
            yield f"    {batch['records']} records, SHA-256 of their ids {batch['ids_sha256']}"
    for one in told["left"]:
        yield f"  LEFT on hold in {one['title']}: {one['records']} records, holds {', '.join(one['holds'])}"
