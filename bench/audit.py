"""What the record costs a write: a row updated in its transaction, with and without its event."""

from collections.abc import Callable

from django.db import transaction

from bench.harness import Row, compare, interleave, rate
from identity.models import User
from ledger.events import Event
from ledger.log import record
from ledger.sequencer import run_once
from tests.cast import make_cast

TIMES = 300


def run() -> list[Row]:
    """Audited against unaudited, one writer, durable commits; and how fast the sequencer drains."""
    user = make_cast().lena
    sides = {
        "audited": rate(_write(user, audited=True), times=TIMES),
        "unaudited": rate(_write(user, audited=False), times=TIMES),
    }
    medians = interleave(sides)
    return [
        compare("audited write", medians["audited"], medians["unaudited"], "writes/s", at_least=0.65),
        _drained(_drain(user)),
    ]


def _drained(speed: float) -> Row:
    return Row("sequencer drains", speed, "events/s", goal="≥ 25,000", ok=speed >= 25_000)


def _write(user: User, *, audited: bool) -> Callable[[], None]:
    def write() -> None:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(unit="Marketing")
            if audited:
                record(Event.USER_CHANGED, by=user, obj=f"user:{user.pk}", facts={"changed": ["unit"]})

    return write


def _drain(user: User, events: int = 20_000) -> float:
    run_once()
    with transaction.atomic():
        for _ in range(events):
            record(Event.USER_CHANGED, by=user, obj=f"user:{user.pk}", facts={"changed": ["unit"]})
    return events * rate(lambda: run_once() and None, times=1)()
