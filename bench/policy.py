"""The decision point: engines alone and at eight callers, a kept decision, the HTTP API, a batch (P2)."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from bench.decision import DOCUMENT, two_commits
from bench.harness import Row, compare, interleave
from policy import pdp
from policy.engines.base import Engine
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine
from policy.inputs import ENTRY_POINT
from policy.rulebook import shipped
from tests import live_apps
from tests.at_edge import at_edge
from tests.cast import Cast, make_cast
from tests.opa_server import serving
from tests.policy_facts import COMPANY, EMAIL, in_tenant
from tests.tokens import caller, make_token

CALLERS = 8
TIMES = 80
PAGE = 50
FIELDS = [EMAIL] * 4 + [COMPANY] * 8
QUESTION = {"subject": "me", "action": "record.list", "app": "leads", "dataset": "leads", "preview": True}
Work = Callable[[], object]


def run() -> list[Row]:
    """With OPA where there is one; without it nothing here has a measure to be held against."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    if not binary:
        sys.stderr.write("no OPA here (bin/get-opa): nothing is measured\n")
        return []
    call_command("collectstatic", interactive=False, verbosity=0)
    cast = make_cast()
    live_apps.make_app(cast.lena)
    with serving(binary, shipped()) as server, override_settings(OPA_URL=server.url):
        rows = [*_engines(server.url), *_kept(server.url, cast), *_http(cast)]
        pdp.engine().close()
    return rows


def _engines(url: str) -> list[Row]:
    """Each against the bare round trip, alone and with eight at once."""
    opa, embedded = OpaEngine(url, shipped().revision), EmbeddedEngine(shipped(), seconds=20)
    sides: dict[str, Work] = {
        "bare": _bare(url),
        "OPA engine": _asks(opa),
        "embedded engine": _asks(embedded),
    }
    rows = []
    for callers in (1, CALLERS):
        seconds = interleave({name: _seconds(work, callers) for name, work in sides.items()})
        ms = {name: value * 1000 for name, value in seconds.items()}
        title = f"{callers} caller{'s' if callers > 1 else ''}"
        rows.append(Row(f"bare OPA round trip, {title}", ms["bare"], "ms"))
        rows.append(compare(f"OPA engine, {title}", ms["OPA engine"], ms["bare"], "ms", at_most=1.5))
        rows.append(compare(f"embedded engine, {title}", ms["embedded engine"], ms["bare"], "ms"))
    embedded.close()
    opa.close()
    return rows


def _kept(url: str, cast: Cast) -> list[Row]:
    """A decision committed with its event, against a round trip and two bare commits; one at hand."""
    known = in_tenant(cast.tenant.pk, cast.lena.pk, *FIELDS, dataset="leads")
    bare = _bare(url)

    def whole() -> None:
        pdp.outcomes.clear()
        pdp.decide(known["subject"], "record.list", known["resource"])

    def at_least() -> None:
        bare()
        two_commits()

    def cached() -> None:
        pdp.decide(known["subject"], "record.list", known["resource"], preview=True)

    with at_edge(cast.lena):
        cached()
        seconds = interleave(
            {"kept": _seconds(whole, 1), "least": _seconds(at_least, 1), "cached": _seconds(cached, 1)}
        )
    least = seconds["least"] * 1000
    micros = seconds["cached"] * 1e6
    return [
        compare(
            "kept with its event, against a round trip and two commits",
            seconds["kept"] * 1000,
            least,
            "ms",
            at_most=2,
        ),
        Row("previewed and counted, outcome at hand", micros, "µs"),
        Row(
            "outcome at hand alone",
            _at_hand(known) * 1e6,
            "µs",
            None,
            None,
            "≤ 50 µs",
            _at_hand(known) <= 50e-6,
        ),
    ]


def _at_hand(known: dict[str, Any]) -> float:
    """Seconds that the cache takes: facts to their digest, and the outcome by it."""
    context = pdp.conditions.Context()
    facts = pdp._facts(known["subject"], "record.list", known["resource"], context)
    pdp._outcome(facts, cached=True)
    began = time.perf_counter()
    for _time in range(1000):
        pdp._outcome(pdp._facts(known["subject"], "record.list", known["resource"], context), cached=True)
    return (time.perf_counter() - began) / 1000


def _http(cast: Cast) -> list[Row]:
    """Whole requests; a page of rows in one call against one question."""
    _row, token = make_token(cast.mia, "decisions:create")
    client = caller(token)

    def post(path: str, body: dict[str, Any]) -> None:
        answer = client.post(path, body, content_type="application/json")
        assert answer.status_code == 200, answer.content

    sides = {
        "one": lambda: post("/api/v1/decisions", QUESTION),
        "page": lambda: post("/api/v1/decisions/batch", {"decisions": [QUESTION] * PAGE}),
    }
    seconds = interleave({name: _seconds(work, 1, times=20) for name, work in sides.items()})
    one, page = seconds["one"] * 1000, seconds["page"] * 1000
    together = _seconds(sides["one"], CALLERS, times=20)() * 1000
    return [
        Row("HTTP API, one question, 1 caller", one, "ms"),
        Row(f"HTTP API, one question, {CALLERS} callers", together, "ms"),
        compare(f"HTTP API, {PAGE} questions in one call against one", page, one, "ms", at_most=4),
    ]


def _bare(url: str) -> Work:
    client = httpx.Client(transport=httpx.HTTPTransport(uds=url.removeprefix("unix://")))
    body = json.dumps({"input": DOCUMENT}).encode()
    return lambda: client.post(f"http://opa/v1/data/{ENTRY_POINT}", content=body).json()


def _asks(engine: Engine) -> Work:
    return lambda: engine.evaluate(DOCUMENT)


def _seconds(work: Work, callers: int, times: int = TIMES) -> Callable[[], float]:
    """Seconds that one takes, `callers` at once."""

    def go(_number: int) -> None:
        for _time in range(times // callers or 1):
            work()
        if callers > 1:
            connections.close_all()

    def measure() -> float:
        began = time.perf_counter()
        if callers == 1:
            go(0)
        else:
            with ThreadPoolExecutor(callers) as pool:
                list(pool.map(go, range(callers)))
        return (time.perf_counter() - began) / ((times // callers or 1) * callers)

    return measure
