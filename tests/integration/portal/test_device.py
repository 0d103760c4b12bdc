"""The device authorization grant, from both ends: the command line and the person's browser (I5)."""

import datetime as dt
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import timezone

from identity import services
from identity.models import AccessToken, DeviceGrant
from identity.services import devices
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.integration.identity.test_limits import begun
from tests.scene import sign_in
from tests.tokens import caller

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(autouse=True)
def uncounted() -> None:
    cache.clear()


def begin(**changes: str) -> dict[str, Any]:
    wish = {"client_id": "portal-cli", "client_name": "portal on box", "scope": "apps:read"} | changes
    return Client().post("/api/v1/device/authorize", wish).json()


def poll(begun_: dict[str, Any], **changes: str) -> tuple[int, dict[str, Any]]:
    wish = {"client_id": "portal-cli", "grant_type": GRANT, "device_code": begun_["device_code"]} | changes
    answer = Client().post("/api/v1/device/token", wish)
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()


def waited() -> None:
    """As if the interval had passed."""
    DeviceGrant.objects.update(polled_at=timezone.now() - dt.timedelta(minutes=2))


def decide(client: Client, begun_: dict[str, Any], answer: str = "approve") -> Any:
    return client.post("/device/", {"code": begun_["user_code"], "answer": answer})


def test_a_person_lets_it_in_once(cast: Cast, client: Client) -> None:
    asked = begin()
    assert re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", asked["user_code"])
    assert (poll(asked), asked["interval"]) == ((400, {"error": "authorization_pending"}), 5)
    sign_in(client, cast.mia)
    filled = client.get(asked["verification_uri_complete"].partition("testserver")[2] or "/device/")
    assert filled.status_code == 200
    shown = client.post("/device/", {"code": asked["user_code"].lower().replace("-", " ")})
    assert b"portal on box" in shown.content
    assert b"See which apps you may use" in shown.content
    assert DeviceGrant.objects.get().state == "waiting"
    assert decide(client, asked).status_code == 200
    waited()
    status, told = poll(asked)
    assert (status, told["token_type"], told["scope"]) == (200, "Bearer", "apps:read")
    assert caller(told["access_token"]).get("/api/v1/me").json()["username"] == cast.mia.username
    row = AccessToken.objects.get()
    assert (row.kind, row.proof["amr"]) == ("device", ["pwd", "otp"])
    waited()
    assert poll(asked) == (400, {"error": "invalid_grant"})
    assert decide(client, asked).status_code == 404


def test_polling_too_fast_slows_down(db: None) -> None:
    asked = begin()
    assert poll(asked)[1] == {"error": "authorization_pending"}
    assert poll(asked)[1] == {"error": "slow_down"}
    assert DeviceGrant.objects.get().interval == 10


@pytest.mark.parametrize("case", ["deny", "expired", "deactivated", "session ended"])
def test_what_ends_it(cast: Cast, client: Client, case: str) -> None:
    login = begun(client, cast.mia)
    asked = begin()
    decide(client, asked, "deny" if case == "deny" else "approve")
    with tenant_scope(cast.tenant.pk):
        if case == "deactivated":
            services.deactivate_user(by=None, user=cast.mia)
        if case == "session ended":
            rows = type(login).objects.filter(pk=login.pk)
            services.end_logins(by=None, logins=rows, end=type(login).End.SIGNAL)
    if case == "expired":
        DeviceGrant.objects.update(expires_at=timezone.now())
    waited()
    expected = "expired_token" if case == "expired" else "access_denied"
    assert poll(asked) == (400, {"error": expected})
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"client_id": "another"}, "invalid_client"),
    ],
)
def test_what_may_not_be_asked_for(db: None, changes: dict[str, str], error: str) -> None:
    assert begin(**changes) == {"error": error}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"device_code": "guess"}, "invalid_grant"),
        ({"device_code": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "another"}, "invalid_client"),
    ],
)
def test_what_may_not_be_polled(db: None, changes: dict[str, str], error: str) -> None:
    assert poll(begin(), **changes)[1] == {"error": error}


def test_no_link_approves_and_codes_are_not_to_be_guessed(cast: Cast, client: Client) -> None:
    asked = begin()
    sign_in(client, cast.mia)
    client.get(f"/device/?code={asked['user_code']}&answer=approve")
    assert DeviceGrant.objects.get().state == "waiting"
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, cast.mia)
    assert decide(strict, asked).status_code == 403
    statuses = {client.post("/device/", {"code": f"BBBB-BBB{n}"}).status_code for n in range(25)}
    assert statuses == {404, 429}


def test_two_polls_at_once_give_one_token(committed_cast: Cast) -> None:
    client = Client()
    sign_in(client, committed_cast.mia)
    asked = begin()
    decide(client, asked)
    gate, seen = threading.Barrier(4), []

    def take() -> None:
        try:
            gate.wait()
            devices.poll_device(device_code=asked["device_code"])
            seen.append("token")
        except devices.PollRefused as refused:
            seen.append(refused.error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen.count("token") == 1
    assert AccessToken.objects.count() == 1


def test_the_real_command_line(
    committed_cast: Cast, serve: Callable[..., str], tmp_path: Path, client: Client
) -> None:
    url = serve()
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "PATH": "/usr/bin"}

    def portal(*words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "portal", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=environment, **pipes)  # type: ignore[call-overload,no-any-return]

    running = portal("login", url, "--name", "portal on box")
    assert running.stdout
    assert running.stdout.readline().endswith("/device/\n")
    code = running.stdout.readline().split()[-1]
    sign_in(client, committed_cast.lena)
    client.post("/device/", {"code": code, "answer": "approve"})
    told, errors = running.communicate(timeout=30)
    assert (running.returncode, told, errors) == (0, "You are signed in.\n", "")
    kept = tmp_path / "microapps" / "tokens.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    who = portal("whoami", url)
    assert who.communicate(timeout=30)[0].startswith("Lena Marsh (lena.marsh@contoso.example), contoso\n")
    assert portal("logout", url).wait(timeout=30) == 0
    assert AccessToken.objects.get().revoked_at is not None
    assert kept.read_text() == "{}"
    again = portal("whoami", url)
    assert again.communicate(timeout=30)[1] == "You are not signed in. Run: portal login\n"
    assert again.returncode == 1
