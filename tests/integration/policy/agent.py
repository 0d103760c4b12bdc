"""A real, unmodified OPA as an agent of a served portal, on the very configuration of the guide."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "opa-agents.md"
PLACEHOLDER = "-----BEGIN PUBLIC KEY-----\n      THE_KEY\n      -----END PUBLIC KEY-----"
PATIENCE = 20.0


def guide_blocks() -> list[str]:
    """The configurations in the guide: the whole one, and the one that discovers."""
    return re.findall(r"^```yaml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def filled(block: str, *, address: str, key_id: str, pem: str) -> str:
    """What an operator makes of the example: address, key id and key."""
    key = pem.strip().replace("\n", "\n      ")
    return (
        block.replace("https://portal.example", address).replace("KEY_ID", key_id).replace(PLACEHOLDER, key)
    )


@dataclass
class Agent:
    """`opa run --server` as the guide starts it, with what it said on standard error."""

    binary: str
    folder: Path
    configuration: str
    token: str
    url: str = field(default_factory=lambda: f"http://127.0.0.1:{free_port()}")
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it and wait until it listens, whatever it has loaded."""
        (self.folder / "opa.yaml").write_text(self.configuration)
        self.process = subprocess.Popen(
            [
                *(self.binary, "run", "--server", f"--addr={self.url.removeprefix('http://')}"),
                *("--skip-version-check", "--config-file", str(self.folder / "opa.yaml")),
            ],
            env={**os.environ, "PORTAL_TOKEN": self.token},
            stderr=(self.folder / "log").open("wb"),
        )
        self.until(lambda: self.health("") == 200)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def health(self, query: str = "?bundles") -> int:
        """200 with `?bundles` once a bundle is active."""
        try:
            return httpx.get(f"{self.url}/health{query}", timeout=2).status_code
        except httpx.HTTPError:
            return 0

    def decide(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Its answer, with the provenance."""
        address = f"{self.url}/v1/data/portal/main/decision"
        answer: dict[str, Any] = httpx.post(
            address, params={"provenance": "true"}, json={"input": facts}, timeout=5
        ).json()
        return answer

    def revision(self) -> str:
        """Of the bundle that is active; empty without one."""
        try:
            bundles = self.decide({})["provenance"].get("bundles") or {}
        except httpx.HTTPError:
            return ""
        return str(bundles.get("portal", {}).get("revision", ""))

    def discovered(self) -> str:
        """The revision of the configuration that it took up last."""
        status = httpx.get(f"{self.url}/v1/status", timeout=5).json()["result"]
        return str(status.get("discovery", {}).get("active_revision", ""))

    def log(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text(errors="replace")

    def until(self, done: Callable[[], object], seconds: float = PATIENCE) -> float:
        """Wait until `done()`; how many seconds that took."""
        began = time.monotonic()
        while not done():
            assert time.monotonic() - began < seconds, self.log()[-3000:]
            time.sleep(0.02)
        return time.monotonic() - began
