"""The portal's queue with one task more: a Celery worker that reads one sealed value when it is told to."""

import uuid

import django
import redis
from django.conf import settings

django.setup()

from identity.errors import DomainError  # noqa: E402 - after set-up
from portal.celery import app  # noqa: E402
from tests.vault_keys import unseal  # noqa: E402

ANSWERS = "tests:vault:answers"


@app.task(name="tests.read", ignore_result=True)
def read(tenant: str, box: str) -> None:
    """Say what came of it."""
    try:
        said = f"read {unseal(uuid.UUID(tenant), bytes.fromhex(box))}"
    except DomainError as error:
        said = f"refused {type(error).__name__}"
    redis.Redis.from_url(settings.REDIS_URL).rpush(ANSWERS, said)
