"""Many inputs before the policy library: the embedded engine in a process of its own, or a real `opa`."""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from policy.engines.base import EngineFault, Fault
from policy.engines.embedded import EmbeddedEngine
from policy.inputs import ENTRY_POINT, Document
from policy.outcome import Outcome, parse
from policy.rulebook import shipped

SECONDS = 20.0  # one evaluation takes milliseconds; a CI machine may stand still for a while
OPA_SECONDS = 300.0
_QUERY = (
    "[answer | some number, document in input.documents;"
    f" decision := data.{ENTRY_POINT.replace('/', '.')} with input as document;"
    ' answer := {"number": number, "decision": decision}]'
)


class Judge(Protocol):
    """Decides inputs in order; None where it gave no answer, which denies."""

    def decide(self, documents: Sequence[Document]) -> Iterable[Outcome | None]:
        """One outcome for each document."""


class Embedded:
    """The embedded engine, one warm process."""

    def __init__(self) -> None:
        self._engine = EmbeddedEngine(shipped(), seconds=SECONDS, workers=1)

    def decide(self, documents: Sequence[Document]) -> Iterable[Outcome | None]:
        """One by one."""
        return map(self._one, documents)

    def close(self) -> None:
        """End the engine's process."""
        self._engine.close()

    def _one(self, document: Document) -> Outcome | None:
        try:
            return parse(self._engine.evaluate(document))
        except EngineFault:
            return None


class Opa:
    """An `opa` binary: one process for all inputs."""

    def __init__(self, binary: str) -> None:
        self._binary = binary

    def decide(self, documents: Sequence[Document]) -> Iterable[Outcome | None]:
        """All in one go.

        Raises:
            EngineFault: the binary is not there, failed, or does not speak as OPA does.
        """
        with tempfile.TemporaryDirectory(prefix="portal-check-") as folder:
            shipped().write_bundle(Path(folder))
            answers = _answers(self._run(folder, documents))
        return [parse(answers[number]) if number in answers else None for number in range(len(documents))]

    def _run(self, folder: str, documents: Sequence[Document]) -> bytes:
        command = [self._binary, "eval", "--format=json", "--strict-builtin-errors", "--stdin-input"]
        try:
            done = subprocess.run(  # noqa: S603 - the binary that the caller chose
                [*command, "--bundle", folder, _QUERY],
                input=json.dumps({"documents": list(documents)}).encode(),
                capture_output=True,
                timeout=OPA_SECONDS,
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineFault(Fault.TIMED_OUT) from error
        except (OSError, subprocess.CalledProcessError, UnicodeEncodeError) as error:
            raise EngineFault(Fault.AWAY, f"{self._binary}: {error}") from error
        return done.stdout


def _answers(output: bytes) -> dict[int, Any]:
    try:
        rows = json.loads(output)["result"][0]["expressions"][0]["value"]
        return {row["number"]: row["decision"] for row in rows}
    except (ValueError, LookupError, TypeError) as error:
        raise EngineFault(Fault.NONSENSE, type(error).__name__) from error
