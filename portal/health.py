"""Liveness and readiness that tell the truth (docs/guides/operate.md)."""

import time
from collections.abc import Callable

from celery.exceptions import CeleryError
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from portal.celery import BEAT_KEY, Scheduler
from portal.celery import app as celery

BEAT_SILENT_SECONDS = 4 * Scheduler.max_interval


def _postgresql() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _redis() -> bool:
    cache.set("health", "ok", timeout=10)
    return bool(cache.get("health") == "ok")


def _worker() -> bool:
    return bool(celery.control.ping(timeout=1.0, limit=1))


def _beat() -> bool:
    last = cache.get(BEAT_KEY)
    return last is not None and time.time() - last < BEAT_SILENT_SECONDS


ASKED_THROUGH_REDIS = {"worker", "beat"}
PARTS: dict[str, Callable[[], bool]] = {
    "postgresql": _postgresql,
    "redis": _redis,
    "worker": _worker,
    "beat": _beat,
}


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """200 while the process answers; a part that is away is no reason to restart it."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """200 when every part works, else 503; each part's state by name, and no more than that."""
    parts: dict[str, str] = {}
    for name, check in PARTS.items():
        if name in ASKED_THROUGH_REDIS and parts["redis"] != "ok":
            parts[name] = "unknown"
        else:
            parts[name] = "ok" if _works(check) else "down"
    status = 200 if set(parts.values()) == {"ok"} else 503
    return JsonResponse({"status": "ready" if status == 200 else "not ready", **parts}, status=status)


def _works(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, RedisError, KombuError, CeleryError, OSError):
        return False
