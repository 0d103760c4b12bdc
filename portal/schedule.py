"""What beat sends, and how often (docs/adr/0045-time-boxes.md).

State moves in PostgreSQL: each is safe to miss, or to run twice.
"""

from typing import Any

SECONDS = {
    "approvals.tasks.sweep": 15,
    "identity.tasks.sweep_offboardings": 30,
    "approvals.tasks.lapse": 3600,
    "identity.tasks.poll_signals": 10,
    "catalog.sweep_launches": 20,
    "datacatalog.apply_retention": 3600,
    "datacatalog.close_forgotten": 3600,
    "datacatalog.resume_erasures": 30,
    "portal.tasks.forget_kept_forms": 300,
    "policy.tasks.drain_counts": 60,
    "policy.tasks.sweep_exceptions": 300,
    "policy.sweep_checks": 30,
    "policy.tasks.sweep_simulations": 30,
    "vault.tasks.sweep_keys": 30,
    "vault.tasks.sweep_ages": 3600,
    "runtime.tasks.sweep_exports": 30,
    "notices.tasks.deliver": 5,
}
# a run that waited longer than its interval is worth nothing: the next one does its work
BEAT: dict[str, dict[str, Any]] = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in SECONDS.items()
}
