"""Bundles as an unmodified OPA pulls them: gzipped tar, signed over the hashes of its files. Pure Python.

The format is OPA's: https://www.openpolicyagent.org/docs/management-bundles. Equal content makes equal bytes,
in any process: no times, owners or order of a file system are in them.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from policy.rulebook import Rulebook

MANIFEST, SIGNATURES, DATA = ".manifest", ".signatures.json", "data.json"
MEDIA_TYPE = "application/vnd.openpolicyagent.bundles"
Sign = Callable[[Mapping[str, Any]], str]


def of_rules(rules: Rulebook) -> dict[str, bytes]:
    """The files of the policy bundle; tests are no part of a rulebook."""
    return {MANIFEST: plain(rules.manifest)} | {name: text.encode() for name, text in rules.modules}


def of_data(data: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of a bundle that is data alone; its revision is the hash of that."""
    content = plain(data)
    manifest = {"revision": hashlib.sha256(content).hexdigest(), "roots": [""]}
    return {MANIFEST: plain(manifest), DATA: content}


def signed(files: Mapping[str, bytes], *, scope: str, sign: Sign) -> bytes:
    """The archive of `files` with their signatures.

    An agent takes a bundle only if its scope is the one in its configuration: one kind never passes for
    another.
    """
    claims = {
        "files": [
            {"name": name, "hash": file_hash(name, content), "algorithm": "SHA-256"}
            for name, content in sorted(files.items())
        ],
        "scope": scope,
    }
    return archive({**files, SIGNATURES: plain({"signatures": [sign(claims)]})})


def file_hash(name: str, content: bytes) -> str:
    """SHA-256 as OPA computes it: of structured documents over their values, of all others over bytes.

    OPA walks objects by sorted key and writes each value as compact JSON, which for our texts, numbers and
    lists is the compact form of the whole.
    """
    if PurePosixPath(name).name in {MANIFEST, DATA}:
        content = plain(json.loads(content))
    return hashlib.sha256(content).hexdigest()


def plain(value: Any) -> bytes:
    """Compact JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def archive(files: Mapping[str, bytes]) -> bytes:
    """A gzipped tar with nothing in it but names and contents."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)
