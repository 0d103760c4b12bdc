"""`portal policy simulate`: what a draft of the rules would change, before anybody publishes it (P7)."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from identity.models import Tenant
from policy.engines.base import EngineFault
from policy.revisions import in_force
from policy.rulebook import Rulebook
from policy.simulation import Report, named, rows_of, run_simulation

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
        report = _report(draft, tenant, days, opa)
    except EngineFault as fault:
        sys.stderr.write(f"the draft cannot be asked: {fault}\n")
        return 2
    rows = named(rows_of(report), tenant.pk)
    summary = {"asked": report.asked, "distinct": report.distinct, "without_answer": report.faults}
    told = {"draft": draft.revision, **summary, "changes": rows}
    text = json.dumps(told, indent=1, ensure_ascii=False) if as_json else _text(summary, rows)
    sys.stdout.write(text + "\n")
    return 1 if rows or report.faults else 0


def _report(draft: Rulebook, tenant: Tenant, days: int, opa: str) -> Report:
    since = timezone.now() - timedelta(days=days)
    report = run_simulation(
        tenant=tenant.pk, rules=in_force(), draft=draft, since=since, opa=opa, tell=_progress
    )
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
