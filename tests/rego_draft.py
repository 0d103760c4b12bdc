"""A draft of the rules for simulations: the library with one rule more."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from policy.rulebook import LIBRARY

CODE = "zz.frozen"
RULE = """# METADATA
# title: Some apps are frozen
package portal.rules.frozen

import data.portal.facts

findings contains {"case": "frozen", "kind": "deny", "params": {}} if {
\tfacts.app.id in {%s}
}
"""


_IMPORT = "import data.portal.rules.export_approval\n"


def copied(folder: Path) -> Path:
    """The library as it is, in a folder of its own."""
    return Path(shutil.copytree(LIBRARY, folder / "library"))


def freezing(folder: Path, apps: Iterable[str]) -> Path:
    """The library with a rule, `CODE`, that denies everything about these apps."""
    library = copied(folder)
    (library / "frozen.rego").write_text(RULE % ", ".join(f'"{one}"' for one in sorted(apps)))
    main = library / "main.rego"
    text = main.read_text()
    for before, after in (
        (_IMPORT, f"{_IMPORT}import data.portal.rules.frozen\n"),
        ("found := {", f'found := {{\n\t"{CODE}": frozen.findings,'),
    ):
        assert before in text
        text = text.replace(before, after, 1)
    main.write_text(text)
    return library
