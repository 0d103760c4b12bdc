"""What is vendored is what the table says, with its licence and nothing to fetch from elsewhere."""

import re
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[3] / "static" / "vendor"


def test_every_file_is_in_the_table_and_has_its_licence() -> None:
    table = (VENDOR / "README.md").read_text()
    files = {path.name for path in VENDOR.iterdir()} - {"README.md"}
    licences = {name for name in files if name.endswith(".LICENSE")}
    named = set(re.findall(r"`([\w.-]+)`", table))
    assert files <= named
    assert len(licences) == len(files) - len(licences)


def test_htmx_is_the_version_that_the_table_names() -> None:
    text = (VENDOR / "htmx.min.js").read_text()
    assert '"4.0.1"' in text
    assert "| 4.0.1 |" in (VENDOR / "README.md").read_text()
    assert "sourceMappingURL" not in text


def test_no_vendored_script_names_a_host_to_load_from() -> None:
    text = (VENDOR / "htmx.min.js").read_text()
    assert not re.search(r"https?://", text)
