"""`portal policy simulate`: what a draft of the rules would change, before anybody publishes it (P7)."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from django.utils import timezone

from catalog.models import App
from identity.models import Tenant
from identity.tenancy import tenant_scope
from policy.engines.base import Engine, EngineFault
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine, server_command
from policy.inputs import Context, Resource, Subject, to_document
from policy.revisions import in_force
from policy.rulebook import Rulebook
from policy.simulation import Change, Report, kept_questions, proposed_questions, simulate
from policy.store import as_uuid

SECONDS = 10.0  # for one answer; nobody waits for it
START_SECONDS = 15.0
EFFECTS = {
    "denied": "newly denied",
    "allowed": "newly allowed",
    "approval": "other approvals",
    "obligations": "other obligations",
}


def run(library: Path, *, slug: str, days: int, opa: str, as_json: bool) -> int:
    """Simulate and print; 0 when nothing would change, 1 when something would, 2 when it cannot be told."""
    try:
        draft = Rulebook.read(library)
    except FileNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        sys.stderr.write(f"there is no tenant {slug}\n")
        return 2
    try:
        with ExitStack() as stack, tenant_scope(tenant.pk):
            now = stack.enter_context(engine(in_force(), opa))
            new = stack.enter_context(engine(draft, opa))
            report = _report(now, new, days)
            rows = rows_of(report)
    except EngineFault as fault:
        sys.stderr.write(f"the draft cannot be asked: {fault}\n")
        return 2
    summary = {"asked": report.asked, "distinct": report.distinct, "without_answer": report.faults}
    told = {"draft": draft.revision, **summary, "changes": rows}
    text = json.dumps(told, indent=1, ensure_ascii=False) if as_json else _text(summary, rows)
    sys.stdout.write(text + "\n")
    return 1 if rows or report.faults else 0


def rows_of(report: Report) -> list[dict[str, Any]]:
    """Each change with its app's title and owner, the gravest and most frequent first."""
    ids = {known for change in report.changes if (known := as_uuid(change.app))}
    apps = {str(app.pk): app for app in App.objects.filter(pk__in=ids).select_related("owner")}
    order = list(EFFECTS)

    def key(item: tuple[Change, int]) -> tuple[int, int, Change]:
        return order.index(item[0].effect), -item[1], item[0]

    rows = []
    for change, times in sorted(report.changes.items(), key=key):
        app = apps.get(change.app)
        told = asdict(change) | {"times": times, "example": report.examples[change]}
        told |= {"title": app.title if app else "", "owner": app.owner.display_name if app else ""}
        rows.append(told)
    return rows


@contextmanager
def engine(rules: Rulebook, opa: str) -> Iterator[Engine]:
    """An engine on `rules` of its own: an OPA started for it, else the embedded one.

    Raises:
        EngineFault: it does not come up, for example because the rules do not build.
    """
    if not opa:
        embedded = EmbeddedEngine(rules, seconds=SECONDS)
        try:
            embedded.evaluate(_PROBE)
            yield embedded
        finally:
            embedded.close()
        return
    with tempfile.TemporaryDirectory(prefix="opa-") as folder:  # short: socket paths are limited
        url = f"unix://{folder}/opa.sock"
        rules.write_bundle(Path(folder) / "bundle")
        process = subprocess.Popen(  # noqa: S603 - a binary that the operator named
            server_command(opa, f"{folder}/bundle", url), stderr=subprocess.DEVNULL
        )
        server = OpaEngine(url, rules.revision, seconds=SECONDS)
        try:
            _wait(server, process)
            yield server
        finally:
            server.close()
            process.kill()
            process.wait()


_PROBE = to_document(Subject(id="probe", tenant="probe"), "probe", Resource(tenant="probe"), Context())


def _wait(server: OpaEngine, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers. A circuit that opened meanwhile closes by itself."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            server.evaluate(_PROBE)
        except EngineFault:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _report(now: Engine, new: Engine, days: int) -> Report:
    distinct, kept = kept_questions(since=timezone.now() - timedelta(days=days), revision=now.revision)
    proposed = proposed_questions()
    total = distinct + len(proposed)
    report = simulate(questions=chain(proposed, kept), total=total, now=now, draft=new, tell=_progress)
    sys.stderr.write("\r\033[K" if sys.stderr.isatty() else "")
    return report


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {total} questions asked")
    else:
        sys.stderr.write(f"{done} of {total} questions asked\n")


def _text(summary: dict[str, int], rows: list[dict[str, Any]]) -> str:
    head = "{asked} decisions and proposals, {distinct} of them different".format(**summary)
    lines = [head]
    if summary["without_answer"]:
        lines.append(f"{summary['without_answer']} got no answer from the draft, which denies")
    lines += [_line(row) for row in rows] or ["Nothing would change."]
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    whose = f"{row['title'] or row['app'] or 'no app'}" + (f" ({row['owner']})" if row["owner"] else "")
    moved = f" {row['before']} → {row['after']}" if row["before"] or row["after"] else ""
    by = f" by {', '.join(row['rules'])}" if row["rules"] else ""
    what = f"{EFFECTS[row['effect']]:<18}{row['times']:>7}  {row['action']:<15}"
    return f"{what} {whose}, {row['source']}{moved}{by}"
