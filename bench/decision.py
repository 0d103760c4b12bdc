"""What a decision costs: the embedded engine, an OPA server, keeping it, and having it at hand."""

import json
import os
import shutil
import sys
from collections.abc import Callable

import httpx
from django.db import connection, transaction

from bench.harness import Row, compare, interleave, rate
from policy import pdp
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine
from policy.inputs import ENTRY_POINT, Context, to_document
from policy.rulebook import shipped
from tests.at_edge import at_edge
from tests.cast import make_cast
from tests.opa_server import serving
from tests.policy_facts import COMPANY, EMAIL, app, in_tenant, of, subject

TIMES = 100
FIELDS = [EMAIL] * 4 + [COMPANY] * 8
DOCUMENT = to_document(subject(), "record.list", of(app(*FIELDS), dataset="leads"), Context())


def run() -> list[Row]:
    """A list of twelve fields, four of them personal. With OPA where there is one."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    embedded = EmbeddedEngine(shipped(), seconds=20)
    rows = []
    if binary:
        with serving(binary, shipped()) as server:
            rows += _side_by_side(embedded, server.url)
    else:
        sys.stderr.write("no OPA here (bin/get-opa): the embedded engine alone is measured\n")
        speed = interleave({"embedded": rate(lambda: embedded.evaluate(DOCUMENT) and None, times=TIMES)})
        rows.append(Row("embedded engine", speed["embedded"], "decisions/s"))
    embedded.close()
    return [*rows, *_decisions()]


def _side_by_side(embedded: EmbeddedEngine, url: str) -> list[Row]:
    """Each engine against a bare round trip to the same OPA with the same input."""
    opa = OpaEngine(url, shipped().revision)
    client = httpx.Client(transport=httpx.HTTPTransport(uds=url.removeprefix("unix://")))
    body = json.dumps({"input": DOCUMENT}).encode()

    def bare() -> None:
        client.post(f"http://opa/v1/data/{ENTRY_POINT}", content=body).json()

    medians = interleave(
        {
            "bare": rate(bare, times=TIMES),
            "opa": rate(lambda: opa.evaluate(DOCUMENT) and None, times=TIMES),
            "embedded": rate(lambda: embedded.evaluate(DOCUMENT) and None, times=TIMES),
        }
    )
    return [
        compare("OPA engine against bare OPA", medians["opa"], medians["bare"], "decisions/s", at_least=0.67),
        compare("embedded engine against bare OPA", medians["embedded"], medians["bare"], "decisions/s"),
    ]


def _decisions() -> list[Row]:
    """decide() as a whole on the engine of the settings."""
    cast = make_cast()
    known = in_tenant(cast.tenant.pk, cast.lena.pk, *FIELDS, dataset="leads")

    def ask(*, fresh: bool = False, preview: bool = False) -> Callable[[], None]:
        def work() -> None:
            if fresh:
                pdp.outcomes.clear()
            pdp.decide(known["subject"], "record.list", known["resource"], preview=preview)

        return work

    with at_edge(cast.lena):  # as in a request, which knows its tenant's rules
        medians = interleave(
            {
                "decided": rate(ask(fresh=True), times=TIMES),
                "kept": rate(ask(), times=TIMES),
                "two commits": rate(two_commits, times=TIMES),
                "cached": rate(ask(preview=True), times=TIMES),
            }
        )
    kept = Row("kept with its event, outcome at hand", medians["kept"], "decisions/s")
    return [
        Row("decided and kept with its event", medians["decided"], "decisions/s"),
        Row(
            kept.name, kept.value, kept.unit, medians["two commits"], medians["kept"] / medians["two commits"]
        ),
        Row("previewed, outcome at hand", medians["cached"], "decisions/s"),
    ]


def two_commits() -> None:
    """Two bare committed inserts: what keeping is held against."""
    for _ in range(2):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO identity_tenant (id, slug, name, created_at)"
                " SELECT id, id::text, 'bench', now() FROM (SELECT uuidv7() AS id)"
            )
