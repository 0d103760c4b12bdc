"""An OPA server that is gone, hangs or is none denies in time; the engine recovers by itself (P3)."""

import http.server
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from policy.engines.base import Fault
from policy.engines.opa import OPEN_SECONDS, OpaEngine
from policy.rulebook import shipped
from tests.integration.policy.faults import PLAIN, SECONDS, SLACK, fault_of, recovers
from tests.opa_server import OpaServer


@pytest.mark.needs_opa
def test_opa_killed_denies_and_recovers_when_it_is_back(own_opa: OpaServer) -> None:
    engine = OpaEngine(own_opa.url, shipped().revision, seconds=SECONDS)
    recovers(engine)
    own_opa.stop()
    for _ in range(10):
        fault, took = fault_of(lambda: engine.evaluate(PLAIN))
        assert fault is Fault.AWAY
        assert took < SLACK
    own_opa.start()
    recovers(engine, within=OPEN_SECONDS + 10)


@pytest.mark.needs_opa
def test_opa_hanging_denies_in_time_and_the_circuit_spares_the_rest(own_opa: OpaServer) -> None:
    engine = OpaEngine(own_opa.url, shipped().revision, seconds=SECONDS)
    recovers(engine)
    assert own_opa.process is not None
    own_opa.process.send_signal(signal.SIGSTOP)
    for _ in range(5):
        fault, took = fault_of(lambda: engine.evaluate(PLAIN))
        assert fault is Fault.TIMED_OUT
        assert took < SECONDS + SLACK
    fault, took = fault_of(lambda: engine.evaluate(PLAIN))
    assert fault is Fault.AWAY
    assert took < 0.5
    own_opa.process.send_signal(signal.SIGCONT)
    recovers(engine, within=OPEN_SECONDS + 10)


@pytest.mark.needs_opa
def test_opa_with_other_rules_is_not_believed(opa_server: OpaServer) -> None:
    engine = OpaEngine(opa_server.url, "0" * 64, seconds=SECONDS)
    assert fault_of(lambda: engine.evaluate(PLAIN))[0] is Fault.REVISION


PROVENANCE = {"bundles": {"portal": {"revision": shipped().revision}}}
NONSENSE = {
    "no result": (200, json.dumps({"provenance": PROVENANCE}), Fault.NONSENSE),
    "no JSON": (200, "<html>", Fault.NONSENSE),
    "a list": (200, "[]", Fault.NONSENSE),
    "an error": (500, "{}", Fault.NONSENSE),
    "a redirect": (302, "{}", Fault.NONSENSE),
    "no provenance": (200, json.dumps({"result": {"allow": True}}), Fault.REVISION),
    "odd bundles": (200, json.dumps({"result": {}, "provenance": {"bundles": [1]}}), Fault.REVISION),
    "too long": (200, '{"result": "' + "x" * 5_000_000 + '"}', Fault.NONSENSE),
}


@contextmanager
def peer(status: int, body: str, pause: float = 0.0) -> Iterator[str]:
    """A server that speaks HTTP, but is no OPA; with `pause` it sends a byte at a time."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                for start in range(0, len(body), 1 if pause else len(body)):
                    self.wfile.write(body[start : start + (1 if pause else len(body))].encode())
                    time.sleep(pause)
            except OSError:
                pass

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", NONSENSE)
def test_a_peer_that_speaks_nonsense_denies(kind: str) -> None:
    status, body, expected = NONSENSE[kind]
    with peer(status, body) as url:
        assert fault_of(lambda: OpaEngine(url, shipped().revision).evaluate(PLAIN))[0] is expected


def test_an_answer_that_drips_is_cut_off() -> None:
    with peer(200, " " * 1000, pause=0.05) as url:
        fault, took = fault_of(lambda: OpaEngine(url, "", seconds=SECONDS).evaluate(PLAIN))
    assert fault is Fault.TIMED_OUT
    assert took < SECONDS + SLACK
