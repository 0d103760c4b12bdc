"""The portal's own command line as a client of its API: signs in by device code, keeps its token to itself.

Knows no Django: it runs on any machine.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT_ID = "portal-cli"
SCOPES = "apps:read records:read"
TIMEOUT_SECONDS = 20


class ClientError(Exception):
    """What the person is told."""


def token_file() -> Path:
    """Where tokens are kept, by portal: below XDG_CONFIG_HOME, for its owner alone."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "microapps" / "tokens.json"


def login(url: str, *, name: str, scopes: str = SCOPES) -> None:
    """Run the device authorization grant (RFC 8628) against the portal at `url`, and keep the token.

    Raises:
        ClientError: denied, out of time, or the portal does not answer.
    """
    base = _base(url)
    with httpx.Client(base_url=base, timeout=TIMEOUT_SECONDS) as http:
        wish = {"client_id": CLIENT_ID, "client_name": name, "scope": scopes}
        begun = _json(http, "/api/v1/device/authorize", wish)
        if "error" in begun:
            raise ClientError(f"The portal refused: {begun['error']}")
        print(f"Open {begun['verification_uri']}\nand type the code {begun['user_code']}", flush=True)
        answer = _wait(http, begun)
    _keep(base, answer["access_token"])
    print("You are signed in.")


def _wait(http: httpx.Client, begun: dict[str, Any]) -> dict[str, Any]:
    wish = {"client_id": CLIENT_ID, "grant_type": GRANT, "device_code": begun["device_code"]}
    interval = float(begun.get("interval", 5))
    until = time.monotonic() + float(begun["expires_in"])
    while time.monotonic() < until:
        time.sleep(interval)
        answer = _json(http, "/api/v1/device/token", wish)
        match answer.get("error"):
            case None:
                return answer
            case "authorization_pending":
                continue
            case "slow_down":
                interval += 5
            case "access_denied":
                raise ClientError("You were turned away.")
            case "expired_token":
                break
            case error:
                raise ClientError(f"The portal refused: {error}")
    raise ClientError("The code is out of date. Run the command again.")


def whoami(url: str) -> dict[str, Any]:
    """Whose token is kept for the portal at `url`.

    Raises:
        ClientError: none is kept, or it is worth nothing any more.
    """
    return call(url, "GET", "me")


def call(url: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the portal at `url` answers to one call of its API, with the token that is kept for it.

    Raises:
        ClientError: no token is kept, or the portal refused; its own words say why.
    """
    base = _base(url)
    token = _kept().get(base)
    if token is None:
        raise ClientError("You are not signed in. Run: portal login")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = httpx.request(
            method, f"{base}/api/v1/{path}", json=body, headers=headers, timeout=TIMEOUT_SECONDS
        )
        content = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ClientError(f"The portal does not answer: {type(error).__name__}") from error
    if answer.status_code == 401:
        raise ClientError("Your token is revoked or out of date. Run: portal login")
    if not answer.is_success or not isinstance(content, dict):
        told = content if isinstance(content, dict) else {}
        raise ClientError(str(told.get("detail") or told.get("title") or answer.status_code))
    return content


def logout(url: str) -> None:
    """Revoke the token at the portal and forget it here, whatever the portal says.

    Raises:
        ClientError: the portal could not be told; the token is forgotten all the same.
    """
    base = _base(url)
    kept = _kept()
    token = kept.pop(base, None)
    if token is None:
        return
    _write(kept)
    try:
        headers = {"Authorization": f"Bearer {token}"}
        httpx.delete(f"{base}/api/v1/token", headers=headers, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        raise ClientError("The portal does not answer: revoke the token on its page of tokens.") from error


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}):
        return f"{parts.scheme}://{parts.netloc}"
    raise ClientError("Give the portal's https:// address.")


def _json(http: httpx.Client, path: str, form: dict[str, str]) -> dict[str, Any]:
    try:
        content: dict[str, Any] = http.post(path, data=form).json()
    except (httpx.HTTPError, ValueError) as error:
        raise ClientError(f"The portal does not answer: {type(error).__name__}") from error
    return content


def _kept() -> dict[str, str]:
    try:
        content: dict[str, str] = json.loads(token_file().read_text())
    except (OSError, ValueError):
        return {}
    return content


def _keep(base: str, token: str) -> None:
    _write({**_kept(), base: token})


def _write(tokens: dict[str, str]) -> None:
    """0600 from its first byte, and whole or not at all."""
    path = token_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(tokens, stream)
    part.replace(path)


def run(action: str, url: str, name: str, scopes: str) -> int:
    """One of the commands, with its exit code."""
    try:
        if action == "login":
            login(url, name=name, scopes=scopes)
        elif action == "whoami":
            found = whoami(url)
            print(f"{found['name']} ({found['username']}), {found['tenant']}")
            print(f"Token until {found['token']['expires_at']}: {', '.join(found['token']['scopes'])}")
        else:
            logout(url)
            print("You are signed out.")
    except ClientError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
