"""Static files as served: hashed, compressed, and the stylesheet in one piece."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

BUNDLES = ("portal/css/portal.css",)
IMPORT = re.compile(r'^@import "(?P<name>[\w.-]+\.css)";$', re.MULTILINE)


class BundlingStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Puts the parts of a stylesheet in place of its imports while files are collected.

    An import is found only when the entry has arrived, and nothing is painted before all are here:
    one file painted 0.5 s earlier on a slow line (docs/adr/0030). Only imports of the same folder
    are taken in, so relative addresses inside the parts keep their meaning.
    """

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Django's own pass, over the bundled text instead of the entry file."""
        bundled = InMemoryStorage()
        for name in BUNDLES:
            if name in paths:
                text = self._bundle(name, paths).encode()
                bundled.save(name, ContentFile(text))
                paths[name] = (bundled, name)
                # the unhashed copy too: errors/500.html links to it, past the manifest
                self.delete(name)
                self.save(name, ContentFile(text))
        yield from super().post_process(paths, dry_run, **options)

    @staticmethod
    def _bundle(name: str, paths: dict[str, Any]) -> str:
        """The text of `name` with each import replaced by the file it names.

        Raises KeyError when a part does not exist: a page without its style is worse than no build.
        """

        def text(of: str) -> str:
            storage, path = paths[of]
            with storage.open(path) as file:
                return str(file.read().decode("utf-8"))

        folder = PurePosixPath(name).parent
        return IMPORT.sub(lambda found: text(str(folder / found["name"])), text(name))
