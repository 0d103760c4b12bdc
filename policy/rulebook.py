"""The library as one value: its modules and the hash that names them. Pure Python."""

import hashlib
import json
from collections.abc import Mapping
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
    def of(cls, files: Mapping[str, str]) -> "Rulebook":
        """The rules among `files`, texts by name; tests are left out."""
        return cls(tuple(sorted((name, text) for name, text in files.items() if not is_test(name))))

    @classmethod
    def read(cls, folder: Path) -> "Rulebook":
        """The rules of `folder`.

        Raises:
            FileNotFoundError: there is none; an empty library must never be mistaken for a lenient one.
        """
        rules = cls.of(files_in(folder))
        if not rules.modules:
            raise FileNotFoundError(f"no rules in {folder}")
        return rules

    def write_bundle(self, folder: Path) -> None:
        """Lay the rules out as an OPA bundle in a folder; policy/bundles.py makes signed archives."""
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("*.rego"):
            stale.unlink()
        for name, text in self.modules:
            (folder / name).write_text(text, encoding="utf-8")
        (folder / ".manifest").write_text(json.dumps(self.manifest), encoding="utf-8")


def is_test(name: str) -> bool:
    """Whether a file of that name holds tests."""
    return name.endswith("_test.rego")


def files_in(folder: Path) -> dict[str, str]:
    """The texts of the folder's .rego files by name, tests included."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.rego")}


@cache
def shipped() -> Rulebook:
    """The library that comes with this code, read once."""
    return Rulebook.read(LIBRARY)
