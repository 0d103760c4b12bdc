"""The queue. State moves in PostgreSQL, work moves here: a task may run twice, late or never."""

import os
import time
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.signals import task_postrun, task_prerun

from ledger.context import Origin, source

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

BEAT_KEY = "heartbeat:beat"
_open: dict[str, Any] = {}


class Scheduler(PersistentScheduler):
    """Beat that tells when it last looked at its schedule, for the readiness page."""

    max_interval = 5

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Run what is due and leave a sign of life."""
        from django.core.cache import cache  # after Django's set-up, which beat does late

        cache.set(BEAT_KEY, time.time(), timeout=None)
        return float(super().tick(*args, **kwargs))


@task_prerun.connect
def _enter(task_id: str, **_: Any) -> None:
    scope = source(Origin.TASK, task_id)
    scope.__enter__()
    _open[task_id] = scope


@task_postrun.connect
def _leave(task_id: str, **_: Any) -> None:
    if scope := _open.pop(task_id, None):
        scope.__exit__(None, None, None)
