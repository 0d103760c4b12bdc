"""The library as one value: its modules and the hash that names them. Pure Python."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent / "library"


@dataclass(frozen=True)
class Rulebook:
    """Rego modules by file name, tests left out. Equal rules have an equal `revision` anywhere."""

    modules: tuple[tuple[str, str], ...]

    @cached_property
    def revision(self) -> str:
        """SHA-256 over names and texts, in hexadecimal."""
        return hashlib.sha256(json.dumps(self.modules).encode()).hexdigest()

    @property
    def manifest(self) -> dict[str, object]:
        """Of the bundle (`.manifest`): it names the revision to whoever loads it."""
        return {"revision": self.revision, "roots": ["portal"], "rego_version": 1}

    @classmethod
    def read(cls, folder: Path) -> "Rulebook":
        """The rules of `folder`.

        Raises:
            FileNotFoundError: there is none; an empty library must never be mistaken for a lenient one.
        """
        paths = sorted(path for path in folder.glob("*.rego") if not path.stem.endswith("_test"))
        if not paths:
            raise FileNotFoundError(f"no rules in {folder}")
        return cls(tuple((path.name, path.read_text(encoding="utf-8")) for path in paths))

    def write_bundle(self, folder: Path) -> None:
        """Lay the rules out as an OPA bundle in a folder; policy/bundles.py makes signed archives."""
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("*.rego"):
            stale.unlink()
        for name, text in self.modules:
            (folder / name).write_text(text, encoding="utf-8")
        (folder / ".manifest").write_text(json.dumps(self.manifest), encoding="utf-8")


@cache
def shipped() -> Rulebook:
    """The library that comes with this code, read once."""
    return Rulebook.read(LIBRARY)
