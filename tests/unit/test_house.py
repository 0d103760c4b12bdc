"""The house keeps its order (docs/adr/0001-rooms.md)."""

import configparser
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]


def _contract() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def _names(text: str) -> list[str]:
    return [word for word in text.replace("|", " ").split() if word]


def test_imports_point_down() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_contract_names_every_local_app_and_package() -> None:
    contract = _contract()
    rooms = _names(contract["importlinter:contract:rooms"]["layers"])
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench", "docs"}
    assert rooms == settings.LOCAL_APPS
    assert set(_names(contract["importlinter"]["root_packages"])) == packages
    kinds = [name for name in contract.sections() if name.startswith("importlinter:contract:inside")]
    inside = {room for kind in kinds for room in _names(contract[kind]["containers"])}
    assert inside == set(rooms) - {"ledger", "vault"} | (inside & {"ledger", "vault"})
