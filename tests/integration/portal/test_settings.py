"""Production settings: strict, complete, and clear about what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PRODUCTION = {
    "SECRET_KEY": "".join(chr(48 + n % 75) for n in range(90)),
    "ALLOWED_HOSTS": "apps.example.com",
    "BASE_URL": "https://apps.example.com",
    "DATABASE_URL": os.environ["DATABASE_URL"],
    "REDIS_URL": os.environ["REDIS_URL"],
    "OIDC_ISSUER": "https://login.example.com",
    "OIDC_CLIENT_ID": "portal",
    "OIDC_CLIENT_SECRET": "x" * 40,
    "PATH": os.environ["PATH"],
}


def _manage(*arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    env = {key: value for key, value in (PRODUCTION | changes).items() if value}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_deploy_is_silent_under_production_settings() -> None:
    done = _manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL"])
def test_what_is_missing_is_named(name: str) -> None:
    done = _manage("check", **{name: ""})
    assert done.returncode != 0
    assert f"Set {name} (or {name}_FILE)" in done.stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(PRODUCTION["SECRET_KEY"] + "\n")
    done = _manage("check", SECRET_KEY="", SECRET_KEY_FILE=str(secret))
    assert done.returncode == 0, done.stderr


def test_a_secret_file_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    done = _manage("check", SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "none"))
    assert "cannot be read" in done.stderr


def test_the_development_provider_refuses_production() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "devidp", "--port", "1", "--data", "x", "--client-id", "x"],
        cwd=ROOT,
        env=PRODUCTION,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "PORTAL_DEVELOPMENT" in done.stderr
