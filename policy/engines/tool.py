"""The real `opa` as a tool on a folder of files. Pure Python."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 120.0
MOST_BYTES = 4 * 1024 * 1024


class Opa:
    """Runs `binary` on `folder`, without this process's environment and without what reaches outside.

    Rules and tests that nobody has looked at yet run here: built-in functions that are not pure (the network,
    the environment, the clock) are no part of the language that they are given.
    """

    def __init__(self, binary: str, folder: Path) -> None:
        self._binary, self.folder = binary, folder
        self._capabilities = folder.parent / "capabilities.json"

    def prepare(self) -> None:
        """Find out what the language holds, and leave the rest out."""
        told = json.loads(self.run("capabilities", "--current")[1])
        told["builtins"] = [one for one in told["builtins"] if not one.get("nondeterministic")]
        told["allow_net"] = []
        self._capabilities.write_text(json.dumps(told))

    def checked(self, *arguments: str) -> tuple[bool, str]:
        """`run` in the smaller language, on the folder."""
        return self.run(*arguments, "--capabilities", str(self._capabilities), str(self.folder))

    def run(self, *arguments: str) -> tuple[bool, str]:
        """Whether it went well, and what was said."""
        with tempfile.TemporaryFile() as said:
            try:
                done = subprocess.run(  # noqa: S603 - the operator's binary, no shell
                    [self._binary, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    env={"HOME": str(self.folder.parent), "GOMEMLIMIT": "512MiB"},
                    timeout=SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return False, f"opa {arguments[0]} took longer than {SECONDS:.0f} seconds"
            said.seek(0)
            text = said.read(MOST_BYTES).decode(errors="replace")
        return done.returncode == 0, text.replace(f"{self.folder}/", "").replace("\x00", "")

    def parsed(self, name: str) -> Any:
        """The syntax tree of one file, with places."""
        command = ("parse", "--format", "json", "--json-include", "locations", str(self.folder / name))
        return json.loads(self.run(*command)[1])


@contextmanager
def laid_out(binary: str, files: Mapping[str, str]) -> Iterator[Opa]:
    """An Opa on `files` in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="rules-") as home:
        folder = Path(home) / "rules"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        opa = Opa(binary, folder)
        opa.prepare()
        yield opa
