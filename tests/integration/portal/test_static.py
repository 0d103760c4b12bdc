"""Static files as collected: one stylesheet, nothing left to import, nothing fetched from elsewhere."""

import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template.loader import render_to_string

SOURCES = Path(settings.BASE_DIR) / "static" / "portal" / "css"
ENTRIES = {"portal.css", "admin.css"}  # linked by pages; all others are parts of portal.css
ADDRESS = re.compile(r'url\("([^"]+)"\)')


def _served(name: str) -> Path:
    return Path(settings.STATIC_ROOT) / name


def test_the_served_stylesheet_holds_every_part_and_imports_nothing() -> None:
    hashed = _served(staticfiles_storage.stored_name("portal/css/portal.css"))
    plain = _served("portal/css/portal.css")
    for text in (hashed.read_text(), plain.read_text()):
        assert "@import" not in text
        for part in SOURCES.glob("*.css"):
            if part.name not in ENTRIES:
                assert part.read_text().splitlines()[0] in text, part.name


def test_what_the_stylesheet_names_is_served_beside_it() -> None:
    hashed = _served(staticfiles_storage.stored_name("portal/css/portal.css"))
    addresses = ADDRESS.findall(hashed.read_text())
    assert addresses
    for address in addresses:
        assert "://" not in address
        assert (hashed.parent / address).is_file(), address


def test_every_part_is_imported_once() -> None:
    entry = (SOURCES / "portal.css").read_text()
    parts = {path.name for path in SOURCES.glob("*.css")} - ENTRIES
    assert sorted(re.findall(r'@import "([^"]+)";', entry)) == sorted(parts)


def test_collecting_twice_changes_nothing() -> None:
    before = staticfiles_storage.stored_name("portal/css/portal.css")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert staticfiles_storage.stored_name("portal/css/portal.css") == before
    assert "@import" not in _served("portal/css/portal.css").read_text()


def test_the_pages_of_last_resort_need_no_context() -> None:
    for status in (500, 503):
        page = render_to_string(f"errors/{status}.html", {})
        assert "<h1>" in page
        for name in re.findall(r'(?:href|src)="/static/([^"]+)"', page):
            assert _served(name).is_file(), name
