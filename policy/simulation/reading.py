"""The report of a simulation as people read it: in words, searched, and as files."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.spreadsheets import harmless
from policy import explain
from policy.models import Simulation
from policy.simulation.facts import Effect, Source
from policy.simulation.told import named

BOM = "\ufeff"
EFFECTS = {
    Effect.DENIED: gettext_lazy("Newly denied"),
    Effect.ALLOWED: gettext_lazy("Newly allowed"),
    Effect.APPROVAL: gettext_lazy("Other approvals"),
    Effect.OBLIGATIONS: gettext_lazy("Other obligations"),
}
TONES = {Effect.DENIED: "stop", Effect.ALLOWED: "warn", Effect.APPROVAL: "info", Effect.OBLIGATIONS: "plain"}
SOURCES = {
    Source.DECISION: gettext_lazy("Decided before"),
    Source.LIVE: gettext_lazy("Live app, if it were submitted now"),
    Source.PENDING: gettext_lazy("Waits for a decision now"),
}
OBLIGATIONS = {
    "mask": gettext_lazy("masked fields"),
    "record_read": gettext_lazy("reads on the record"),
    "step_up": gettext_lazy("a stronger sign-in"),
    "watermark": gettext_lazy("a watermark"),
    "ticket": gettext_lazy("a ticket"),
    "write_only": gettext_lazy("no answer passed on"),
    "per_hour": gettext_lazy("a limit per hour"),
}
COLUMNS = (
    "effect", "app", "title", "owner", "action", "source", "rules", "before", "after", "times", "example",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One change in words; `row` is what the report holds of it."""

    row: dict[str, Any]

    @property
    def effect(self) -> str:
        """What would change."""
        return str(EFFECTS[Effect(self.row["effect"])])

    @property
    def tone(self) -> str:
        """How grave that is."""
        return TONES[Effect(self.row["effect"])]

    @property
    def source(self) -> str:
        """Where the question came from."""
        return str(SOURCES[Source(self.row["source"])])

    @property
    def action(self) -> str:
        """What is asked for."""
        return explain.action(self.row["action"])

    @property
    def codes(self) -> list[str]:
        """The rules that make it so."""
        return [] if self.row["effect"] == Effect.OBLIGATIONS else self.row["rules"]

    @property
    def obligations(self) -> list[str]:
        """The obligations that would be others."""
        if self.row["effect"] != Effect.OBLIGATIONS:
            return []
        return [str(OBLIGATIONS.get(name, name)) for name in self.row["rules"]]

    @property
    def before(self) -> str:
        """What holds today."""
        return self._side(self.row["before"], denied=self.row["effect"] == Effect.ALLOWED)

    @property
    def after(self) -> str:
        """What would hold."""
        return self._side(self.row["after"], denied=self.row["effect"] == Effect.DENIED)

    def _side(self, tier: str, *, denied: bool) -> str:
        if tier:
            return explain.tier(tier)
        return _("denied") if denied else _("allowed")


@dataclass(frozen=True)
class Reading:
    """The changes of a simulation that fit `effect` and `words` (either may be empty)."""

    simulation: Simulation
    effect: str = ""
    words: str = ""

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """As they are kept, with titles and owners of today."""
        kept = (self.simulation.report or {}).get("changes", [])
        rows = named(kept, self.simulation.tenant_id)
        return [row for row in rows if self._fits(row)]

    def lines(self, rows: Iterable[dict[str, Any]]) -> list[Line]:
        """Some of them in words."""
        return [Line(row) for row in rows]

    def _fits(self, row: dict[str, Any]) -> bool:
        if self.effect and row["effect"] != self.effect:
            return False
        told = (row["title"], row["owner"], row["app"], row["action"], *row["rules"])
        return not self.words or any(self.words.casefold() in text.casefold() for text in told)


def as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """RFC 4180, as spreadsheets open it without running anything."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        flat = row | {"rules": " ".join(row["rules"])}
        writer.writerow([flat[name] if name == "times" else harmless(flat[name]) for name in COLUMNS])
    return (BOM + stream.getvalue()).encode()


def as_json(reading: Reading) -> bytes:
    """The report with what it is a report on."""
    simulation = reading.simulation
    about = {
        "simulation": str(simulation.pk),
        "version": str(simulation.version_id),
        "draft": simulation.version.revision,
        "compared_to": simulation.rules,
        "days": simulation.days,
        "engine": simulation.engine,
        "finished": simulation.finished_at.isoformat() if simulation.finished_at else None,
    }
    told = about | simulation.summary | {"changes": reading.rows}
    return json.dumps(told, indent=1, ensure_ascii=False).encode()
