"""`portal policy propose`: rules from a folder to the portal, and what became of their checks. No Django."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from policy.rulebook import files_in
from portal.client import ClientError, call

POLL_SECONDS = 2.0
PATIENCE_SECONDS = 900.0
OK, FAILED, REFUSED = 0, 1, 2


def run(folder: Path, *, message: str, url: str, as_json: bool) -> int:
    """Propose the folder's .rego files; 0 in review (or decided), 1 a check failed, 2 refused."""
    try:
        files = _files(folder)
        made = call(url, "POST", "policy/versions", {"files": files, "message": message})
        sys.stderr.write(f"Version {made['number']}: {made['page']}\n")
        found = _wait(url, made)
    except ClientError as error:
        sys.stderr.write(f"portal policy: {error}\n")
        return REFUSED
    sys.stdout.write(json.dumps(found, indent=1) + "\n" if as_json else _text(found))
    return FAILED if found["state"] == "failed" else OK


def _files(folder: Path) -> dict[str, str]:
    try:
        files = files_in(folder)
    except UnicodeDecodeError as error:
        raise ClientError(f"a file in {folder} is no text in UTF-8") from error
    if not files:
        raise ClientError(f"{folder} holds no .rego files")
    return files


def _wait(url: str, made: dict[str, Any]) -> dict[str, Any]:
    """The version once its checks are through."""
    found, until = made, time.monotonic() + PATIENCE_SECONDS
    while found["state"] == "checking":
        if time.monotonic() > until:
            raise ClientError(f"the checks take long; see {made['page']}")
        time.sleep(POLL_SECONDS)
        found = call(url, "GET", f"policy/versions/{made['id']}")
    return found


def _text(found: dict[str, Any]) -> str:
    lines = []
    for check in found["checks"]:
        lines.append(f"{'ok  ' if check['ok'] else 'FAIL'}  {check['name']}")
        if not check["ok"]:
            lines += [f"      {line}" for line in check["detail"].splitlines()]
    told = {
        "in_review": "Waits for review by somebody of security.",
        "failed": "A check failed: mend it and propose again.",
    }
    lines.append(f"{told.get(found['state'], found['state'])} {found['page']}")
    return "\n".join(lines) + "\n"
