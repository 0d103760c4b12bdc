"""What sources are held against besides the rules: words for tags, and templates that apps are made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog import templates
from catalog.templates import Template

from .scheme import Scheme


@dataclass(frozen=True)
class Basis:
    """Words and templates, by code and id."""

    words: Scheme
    library: Mapping[str, Template]

    @classmethod
    def of(cls, *, scheme: Path | None = None, libraries: Iterable[Path] = ()) -> "Basis":
        """What ships, with the words of a file instead, and with the templates of more folders.

        Raises:
            OSError: a file cannot be read, or a folder holds no template.
            ValueError: the scheme or a template is broken (ManifestError names each line).
        """
        library = dict(templates.registry())
        for folder in libraries:
            found = templates.folders(folder)
            if not found:
                raise FileNotFoundError(f"{folder} holds no folder with a {templates.TEMPLATE_FILE}")
            library |= {one.id: one for one in map(templates.load, found)}
        return cls(Scheme.read(scheme) if scheme else Scheme.shipped(), library)
