"""The corpus of manifests and templates for `portal check`, with what each file expects of it."""

import re
from pathlib import Path

from catalog.lint import Source

CORPUS = Path(__file__).parent / "data" / "manifests"
_EXPECTED = re.compile(r"^# expect: (\S+)@(\d+)$", re.MULTILINE)


def bad() -> list[Source]:
    """Manifests that are refused."""
    return [Source(path) for path in sorted((CORPUS / "bad").iterdir())]


def good() -> list[Source]:
    """Manifests in which nothing denies."""
    return [Source(path) for path in sorted((CORPUS / "good").iterdir())]


def templates() -> list[Source]:
    """Folders of templates, good and bad."""
    return [Source(path, template=True) for path in sorted((CORPUS / "templates").glob("*/template.yaml"))]


def expected(source: Source) -> list[tuple[int, str]]:
    """The errors that the file's first lines name, as (line, code), in order of the file."""
    text = source.path.read_bytes().decode("utf-8", "replace")
    return sorted((int(line), code) for code, line in _EXPECTED.findall(text))
