"""How tokens come in: pushed one by one (RFC 8935), or polled for (RFC 8936)."""

import logging
from datetime import timedelta
from typing import Any

from identity.models import SignalStream
from identity.secrets import resolver
from identity.services import signals
from identity.signals.keys import TransmitterDown, fetch, keys_of
from identity.signals.tokens import SetRefused, UnknownKey, verify
from identity.tenancy import tenant_scope

logger = logging.getLogger(__name__)
EVERY = timedelta(seconds=10)
MOST_AT_ONCE = 50
MOST_ROUNDS = 20


def take(stream: SignalStream, raw: str) -> bool:
    """Check one token and do what it asks for; False for one that was taken before.

    Raises:
        SetRefused: it fails a check; the stream's health tells which.
        TransmitterDown: its keys cannot be read.
    """
    expected = {"issuer": stream.issuer, "audience": stream.audience}
    try:
        try:
            token = verify(raw, keys_of(stream), **expected)
        except UnknownKey:
            token = verify(raw, keys_of(stream, again=True), **expected)
    except (SetRefused, TransmitterDown) as error:
        signals.note_error(stream, str(error))
        logger.warning("signal stream %s: %s", stream.pk, error)
        raise
    return signals.receive(stream=stream, token=token)


def poll(stream: SignalStream) -> int:
    """Take what waits at the transmitter and acknowledge it; returns how many tokens were new."""
    with tenant_scope(stream.tenant_id):
        token = resolver().reveal(stream.secret_name, tenant=stream.tenant_id)
    taken, answers = 0, {"ack": [], "setErrs": {}}  # type: ignore[var-annotated]
    for _round in range(MOST_ROUNDS):
        wish = {"maxEvents": MOST_AT_ONCE, "returnImmediately": True, **answers}
        try:
            answer = fetch(stream.poll_url, json=wish, token=token)
        except TransmitterDown as error:
            signals.note_error(stream, str(error))
            break
        sets = answer.get("sets")
        answers, fresh = _take_all(stream, sets if isinstance(sets, dict) else {})
        taken += fresh
        if not answers["ack"] and not answers["setErrs"]:
            break
    return taken


def _take_all(stream: SignalStream, sets: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """What to tell the transmitter of each; a token whose keys cannot be read stays for the next time."""
    ack: list[str] = []
    errors: dict[str, Any] = {}
    fresh = 0
    for jti, raw in list(sets.items())[:MOST_AT_ONCE]:
        try:
            fresh += take(stream, str(raw))
            ack.append(jti)
        except SetRefused as refused:
            errors[jti] = {"err": refused.err, "description": refused.reason}
        except TransmitterDown:
            break
    return {"ack": ack, "setErrs": errors}, fresh


def poll_due() -> int:
    """Poll every stream whose time has come; beat calls it."""
    return sum(poll(stream) for stream in signals.claim_polls(every=EVERY))
