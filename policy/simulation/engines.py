"""Engines for a simulation alone: an OPA started on the rules in question, else the embedded one."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policy.engines.base import Engine, EngineFault, Fault
from policy.engines.embedded import EmbeddedEngine
from policy.engines.local import LocalOpa
from policy.engines.opa import server_command
from policy.engines.tool import laid_out
from policy.inputs import PROBE
from policy.rulebook import Rulebook

SECONDS = 10.0  # for one answer; nobody waits for it
START_SECONDS = 15.0
# It lives for a minute or two and serves the one caller: collecting garbage less often makes it a quarter
# faster; the limit keeps it from taking the machine's memory instead. Nothing of this process's environment,
# which holds secrets, is in reach of rules that nobody has reviewed.
_ENVIRONMENT = {"GOGC": "400", "GOMEMLIMIT": "256MiB"}


@contextmanager
def engine(rules: Rulebook, opa: str) -> Iterator[Engine]:
    """An engine on `rules` of its own: an OPA started for it, where `opa` is a binary's path.

    Raises:
        EngineFault: it does not come up, for example because the rules do not build.
    """
    if not opa:
        embedded = EmbeddedEngine(rules, seconds=SECONDS)
        try:
            embedded.evaluate(PROBE)
            yield embedded
        finally:
            embedded.close()
        return
    _check(rules, opa)
    with tempfile.TemporaryDirectory(prefix="opa-") as folder:  # short: socket paths are limited
        socket = f"{folder}/opa.sock"
        rules.write_bundle(Path(folder) / "bundle")
        process = subprocess.Popen(  # noqa: S603 - a binary that the operator named
            server_command(opa, f"{folder}/bundle", f"unix://{socket}"),
            env=_ENVIRONMENT,
            stderr=subprocess.DEVNULL,
        )
        server = LocalOpa(socket, rules.revision, seconds=SECONDS)
        try:
            _wait(server, process)
            yield server
        finally:
            server.close()
            process.kill()
            process.wait()


def _check(rules: Rulebook, opa: str) -> None:
    """Refuse what reaches the network, the clock or the environment: the rules may be unreviewed."""
    with laid_out(opa, dict(rules.modules)) as tool:
        passed, said = tool.checked("check")
    if not passed:
        raise EngineFault(Fault.NONSENSE, said[:500])


def _wait(server: Engine, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            server.evaluate(PROBE)
        except EngineFault:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
