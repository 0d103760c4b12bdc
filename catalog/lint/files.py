"""Which files are looked at: those that are named, and in folders those with the names of the format."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from catalog.templates import TEMPLATE_FILE

NAMES = ("microapp.yaml", "microapp.yml", "microapp.json", "*.microapp.yaml")
_SKIPPED = {"node_modules", "__pycache__", "venv"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file to look at: a manifest, or the `template.yaml` of a template's folder."""

    path: Path
    template: bool = False

    @property
    def name(self) -> str:
        """The path as it was given, with forward slashes."""
        return self.path.as_posix()


def find(paths: Iterable[Path], exclude: Iterable[str] = ()) -> list[Source]:
    """Every source once, in order. A file that is named is a manifest, whatever its name.

    Raises:
        OSError: a path leads nowhere or a folder cannot be read.
    """
    skip = tuple(exclude)
    found: dict[Path, Source] = {}
    for path in paths:
        for source in _in(path, skip) if path.is_dir() else [_named(path)]:
            found.setdefault(source.path, source)
    return list(found.values())


def _named(path: Path) -> Source:
    path.stat()  # what is not there is an error, not a clean file
    return Source(path, template=path.name == TEMPLATE_FILE)


def _in(folder: Path, exclude: tuple[str, ...]) -> Iterator[Source]:
    for root, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            wanted = name == TEMPLATE_FILE or any(fnmatch(name, pattern) for pattern in NAMES)
            if wanted and not any(fnmatch(path.as_posix(), pattern) for pattern in exclude):
                yield Source(path, template=name == TEMPLATE_FILE)


def _raise(error: OSError) -> None:
    raise error
