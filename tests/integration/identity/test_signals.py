"""Security events: what each ends, and every forged or replayed one that ends nothing (I5)."""

import re
import threading
import time
from typing import Any

import jwt
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from identity.models import LoginSession, SignalReceipt, SignalStream, User
from identity.secrets import keeper
from identity.services.tokens import hash_of
from identity.signals.receiving import poll_due
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.integration.identity.test_limits import begun
from tests.tokens import caller, make_token
from tests.transmitter import AUDIENCE, CAEP, MEDIA_TYPE, RISC, SSF, Transmitter, new_key
from vault import services as vault

pytestmark = pytest.mark.django_db
REVOKED = f"{CAEP}session-revoked"


class Wire:
    """Mia signed in, a token of hers, and the stream that tells of her."""

    def __init__(self, cast: Cast, transmitter: Transmitter) -> None:
        self.cast, self.transmitter = cast, transmitter
        self.browser = Client()
        self.login = begun(self.browser, cast.mia)
        LoginSession.objects.filter(pk=self.login.pk).update(issuer=transmitter.issuer, sid="s-1")
        self.row, self.token = make_token(cast.mia, login=self.login)
        self.stream, self.push_token = transmitter.stream(cast.ada)

    def push(self, raw: str, token: str | None = None, media_type: str = MEDIA_TYPE) -> Any:
        headers = {"authorization": f"Bearer {self.push_token if token is None else token}"}
        return Client().post(
            f"/api/signals/{self.stream.pk}/push", raw, content_type=media_type, headers=headers
        )

    @property
    def is_in(self) -> tuple[bool, bool]:
        """Whether the browser and the token still are let in."""
        page, call = self.browser.get("/notices/"), caller(self.token).get("/api/v1/me")
        return page.status_code == 200, call.status_code == 200


@pytest.fixture
def wire(cast: Cast, transmitter: Transmitter) -> Wire:
    cache.clear()
    return Wire(cast, transmitter)


@pytest.mark.parametrize(
    ("kind", "event", "ends"),
    [
        (REVOKED, {}, True),
        (f"{CAEP}credential-change", {"credential_type": "password", "change_type": "update"}, True),
        (f"{CAEP}device-compliance-change", {"current_status": "not-compliant"}, True),
        (f"{CAEP}device-compliance-change", {"current_status": "compliant"}, False),
        (f"{CAEP}assurance-level-change", {}, False),
        (f"{RISC}account-disabled", {"reason": "hijacking"}, True),
        (f"{RISC}account-enabled", {}, False),
        (f"{RISC}credential-compromise", {}, True),
        (f"{SSF}verification", {"state": "x"}, False),
        (f"{SSF}stream-updated", {"status": "paused"}, False),
        ("https://elsewhere.example/event", {}, False),
    ],
)
def test_what_each_event_ends(wire: Wire, kind: str, event: dict[str, str], ends: bool) -> None:
    assert wire.is_in == (True, True)
    told = wire.transmitter.tell(kind, wire.transmitter.about(wire.cast.mia), **event)
    assert wire.push(told).status_code == 202
    assert wire.is_in == (not ends, not ends)
    wire.login.refresh_from_db()
    assert wire.login.end == ("signal" if ends else "")
    wire.stream.refresh_from_db()
    assert wire.stream.last_event_at is not None
    assert User.objects.get(pk=wire.cast.mia.pk).is_active


@pytest.mark.parametrize(
    ("event", "risk"),
    [
        ({"principal": "USER", "current_level": "HIGH", "previous_level": "LOW"}, "high"),
        ({"principal": "USER", "current_level": "MEDIUM"}, "medium"),
        ({"principal": "DEVICE", "current_level": "HIGH"}, "low"),
        ({"principal": "USER", "current_level": "PURPLE"}, "low"),
        ({"current_level": "HIGH"}, "low"),
    ],
)
def test_a_change_of_risk_is_what_access_rules_see(wire: Wire, event: dict[str, str], risk: str) -> None:
    told = wire.transmitter.tell(f"{CAEP}risk-level-change", wire.transmitter.about(wire.cast.mia), **event)
    assert wire.push(told).status_code == 202
    wire.cast.mia.refresh_from_db()
    assert wire.cast.mia.risk == risk
    assert wire.is_in == (True, True), "who is at risk is for the rules to say; nothing ends by itself"


def _subject(form: str, wire: Wire) -> dict[str, Any]:
    mia = wire.cast.mia
    by_sub = wire.transmitter.about(mia)
    return {
        "iss_sub": by_sub,
        "email": {"format": "email", "email": mia.email.upper()},
        "opaque": {"format": "opaque", "id": mia.external_id},
        "aliases": {"format": "aliases", "identifiers": [{"format": "email", "email": "no@one"}, by_sub]},
        "complex": {"format": "complex", "user": by_sub, "device": {"format": "opaque", "id": "d"}},
        "session": {"format": "complex", "user": by_sub, "session": {"format": "opaque", "id": "s-1"}},
        "session alone": {"format": "complex", "session": {"format": "opaque", "id": "s-1"}},
        "older": {"subject_type": "iss-sub", "iss": by_sub["iss"], "sub": by_sub["sub"]},
    }[form]


FORMS = ["iss_sub", "email", "opaque", "aliases", "complex", "session", "session alone", "older"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_subject_finds_its_person_alone(wire: Wire, form: str) -> None:
    lena = Client()
    begun(lena, wire.cast.lena)
    assert wire.push(wire.transmitter.tell(REVOKED, _subject(form, wire))).status_code == 202
    assert wire.is_in == (False, False)
    assert lena.get("/notices/").status_code == 200


def test_a_named_session_ends_alone(wire: Wire) -> None:
    phone = Client()
    begun(phone, wire.cast.mia)
    wire.push(wire.transmitter.tell(REVOKED, _subject("session", wire)))
    assert wire.is_in == (False, False)
    assert phone.get("/notices/").status_code == 200


@pytest.mark.parametrize(
    "subject",
    [
        {"format": "email", "email": "nobody@contoso.example"},
        {"format": "opaque", "id": ""},
        {"format": "iss_sub", "iss": "https://elsewhere.example", "sub": "x"},
        {"format": "unheard-of"},
        {"format": "email", "email": ["a"]},
        None,
    ],
)
def test_unknown_people_are_acknowledged_and_end_nobody(wire: Wire, subject: Any) -> None:
    assert wire.push(wire.transmitter.tell(REVOKED, subject)).status_code == 202
    assert SignalReceipt.objects.get().outcome == "unknown"
    assert wire.is_in == (True, True)


def test_another_tenants_people_are_nobody(wire: Wire) -> None:
    nils = Client()
    begun(nils, wire.cast.nils)
    wire.push(wire.transmitter.tell(REVOKED, wire.transmitter.about(wire.cast.nils)))
    assert SignalReceipt.objects.get().outcome == "unknown"
    assert nils.get("/notices/").status_code == 200


def _forged(case: str, wire: Wire) -> str:
    transmitter = wire.transmitter
    claims = transmitter.claims(REVOKED, transmitter.about(wire.cast.mia))
    changes: dict[str, dict[str, Any]] = {
        "iss": {"iss": "https://elsewhere.example"},
        "aud": {"aud": "https://another.example"},
        "no iat": {"iat": None},
        "iat ahead": {"iat": claims["iat"] + 3600},
        "iat long ago": {"iat": claims["iat"] - 30 * 24 * 3600},
        "no jti": {"jti": None},
        "jti number": {"jti": 7},
        "jti long": {"jti": "x" * 300},
        "no events": {"events": None},
        "empty events": {"events": {}},
        "events list": {"events": [REVOKED]},
        "event text": {"events": {REVOKED: "now"}},
        "many events": {"events": {f"{REVOKED}{n}": {} for n in range(11)}},
        "sub": {"sub": wire.cast.mia.external_id},
        "exp": {"exp": claims["iat"] + 600},
        "sub_id text": {"sub_id": "mia"},
    }
    changed = {k: v for k, v in {**claims, **changes.get(case, {})}.items() if v is not None}
    if case == "alg none":
        return jwt.encode(changed, "", algorithm="none", headers={"typ": "secevent+jwt"})
    if case == "hmac":
        secret = wire.push_token.ljust(64, "x")
        return jwt.encode(changed, secret, algorithm="HS256", headers={"typ": "secevent+jwt"})
    if case == "another key":
        headers = {"typ": "secevent+jwt", "kid": transmitter.kid}
        return jwt.encode(changed, new_key(), algorithm="RS256", headers=headers)
    if case == "unknown kid":
        return transmitter.sign(changed, kid="k9")
    if case in {"JWT", "at+jwt"}:
        return transmitter.sign(changed, typ=case)
    signed = transmitter.sign(changed)
    return {"not a JWT": "mia", "payload swapped": signed[:-8] + "AAAAAAAA"}.get(case, signed)


FORGED = {
    "iss": "invalid_issuer",
    "aud": "invalid_audience",
    "alg none": "invalid_key",
    "hmac": "invalid_key",
    "another key": "invalid_key",
    "unknown kid": "invalid_key",
    "payload swapped": "invalid_key",
} | dict.fromkeys(
    [
        "no iat",
        "iat ahead",
        "iat long ago",
        "no jti",
        "jti number",
        "jti long",
        "no events",
        "empty events",
        "events list",
        "event text",
        "many events",
        "sub",
        "exp",
        "sub_id text",
        "JWT",
        "at+jwt",
        "not a JWT",
    ],
    "invalid_request",
)


@pytest.mark.parametrize(("case", "err"), FORGED.items(), ids=FORGED)
def test_forged_tokens_end_nothing(wire: Wire, case: str, err: str) -> None:
    answer = wire.push(_forged(case, wire))
    assert (answer.status_code, answer.json()["err"]) == (400, err)
    assert wire.is_in == (True, True)
    assert not SignalReceipt.objects.exists()
    wire.stream.refresh_from_db()
    assert wire.stream.last_error


def test_a_replayed_token_ends_nothing_again(wire: Wire) -> None:
    told = wire.transmitter.tell(REVOKED, wire.transmitter.about(wire.cast.mia))
    assert wire.push(told).status_code == 202
    begun(wire.browser, User.objects.get(pk=wire.cast.mia.pk))
    assert wire.push(told).status_code == 202
    assert wire.is_in[0]
    assert SignalReceipt.objects.count() == 1


@pytest.mark.parametrize("case", ["no token", "wrong token", "disabled", "poll stream", "media type"])
def test_who_may_not_push(wire: Wire, case: str) -> None:
    told = wire.transmitter.tell(REVOKED, wire.transmitter.about(wire.cast.mia))
    rows = SignalStream.objects.filter(pk=wire.stream.pk)
    if case == "disabled":
        rows.update(is_enabled=False)
    if case == "poll stream":
        rows.update(delivery="poll", poll_url="http://127.0.0.1/poll")
    token = {"no token": "", "wrong token": "ssf_x"}.get(case)
    answer = wire.push(told, token, "application/json" if case == "media type" else MEDIA_TYPE)
    expected = "invalid_request" if case == "media type" else "authentication_failed"
    assert (answer.status_code, answer.json()["err"]) == (400, expected)
    assert wire.is_in == (True, True)


def test_a_rotated_key_is_read_anew(wire: Wire) -> None:
    about = wire.transmitter.about(wire.cast.mia)
    assert wire.push(wire.transmitter.tell(f"{SSF}verification", about)).status_code == 202
    wire.transmitter.key, wire.transmitter.kid = new_key(), "k2"
    assert wire.push(wire.transmitter.tell(REVOKED, about)).status_code == 202
    assert wire.is_in == (False, False)


def test_what_waits_is_polled_acknowledged_and_done(wire: Wire) -> None:
    transmitter, ada = wire.transmitter, wire.cast.ada
    with tenant_scope(ada.tenant_id):
        vault.provision(by=None, tenant=ada.tenant_id)
    SignalStream.objects.all().delete()
    stream, shown = transmitter.stream(ada, delivery="poll", poll_url=f"{transmitter.issuer}/poll")
    with tenant_scope(ada.tenant_id):
        keeper().keep(by=ada, tenant=ada.tenant_id, name=stream.secret_name, value="poll-token")
    transmitter.queue = {
        "good": transmitter.tell(REVOKED, transmitter.about(wire.cast.mia)),
        "forged": _forged("aud", wire),
    }
    assert (shown, poll_due()) == ("", 1)
    assert (transmitter.acked, transmitter.queue) == (["good"], {})
    assert transmitter.errors["forged"]["err"] == "invalid_audience"
    assert set(transmitter.tokens) == {"Bearer poll-token"}
    assert wire.is_in == (False, False)
    assert poll_due() == 0  # claimed: not due again yet
    assert len(transmitter.tokens) == 2


@pytest.mark.django_db(transaction=True)
def test_a_token_revoked_while_in_use_is_refused_from_then_on(
    committed_cast: Cast, transmitter: Transmitter
) -> None:
    """Eight callers use a token while the event comes: after its answer none is let in."""
    cache.clear()
    wire = Wire(committed_cast, transmitter)
    seen: list[tuple[float, int]] = []
    stop = threading.Event()

    def use() -> None:
        try:
            while not stop.is_set():
                began = time.monotonic()
                seen.append((began, caller(wire.token).get("/api/v1/me").status_code))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    told = transmitter.tell(REVOKED, transmitter.about(committed_cast.mia))
    assert wire.push(told).status_code == 202
    ended = time.monotonic()
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert 200 in {status for began, status in seen if began < ended}
    assert {status for began, status in seen if began > ended} == {401}


def test_an_admin_connects_a_stream_and_sees_how_it_does(
    cast: Cast, transmitter: Transmitter, client: Client
) -> None:
    cache.clear()
    begun(client, cast.ada)
    wish = {
        "name": "Provider",
        "issuer": transmitter.issuer,
        "audience": AUDIENCE,
        "delivery": "push",
        "is_enabled": "on",
    }
    shown = client.post("/admin/identity/signalstream/add/", wish).content.decode()
    [token] = set(re.findall(r"ssf_[\w-]{43}", shown))
    stream = SignalStream.objects.get()
    assert f"/api/signals/{stream.pk}/push" in shown
    assert (stream.tenant, stream.push_hash) == (cast.tenant, hash_of(token))
    headers = {"authorization": f"Bearer {token}"}
    address = f"/api/signals/{stream.pk}/push"
    forged = transmitter.sign({**transmitter.claims(REVOKED, None), "aud": "https://another.example"})
    assert Client().post(address, forged, content_type=MEDIA_TYPE, headers=headers).status_code == 400
    page = client.get(f"/admin/identity/signalstream/{stream.pk}/change/").content.decode()
    assert "aud" in page
    assert token not in page
    assert (
        client.post("/admin/identity/signalstream/add/", wish | {"issuer": "http://evil.example"}).status_code
        == 200
    )
    assert client.post("/admin/identity/signalstream/add/", wish | {"delivery": "poll"}).status_code == 200
    assert SignalStream.objects.count() == 1
