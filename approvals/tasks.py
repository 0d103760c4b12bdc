"""What beat starts. May run twice, late, or never: the next sweep does its work."""

from celery import shared_task

from approvals import sweep as sweeping


@shared_task(ignore_result=True)
def sweep() -> dict[str, int]:
    """Remind, escalate and expire what is due."""
    swept = sweeping.run()
    return {"moved": swept.moved, "expired": swept.expired}


@shared_task(ignore_result=True)
def lapse() -> int:
    """Close what nothing can come of any more."""
    return sweeping.lapse_lost()
