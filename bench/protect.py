"""What protection costs an export (D5): rows of twelve fields, four of them sealed, each sealed value opened
and masked in part, against a plain streamed Python CSV export of the same rows without protection.

Both sides stream from a cursor of the server into a file with every cell quoted. The bare side is the loop
that one writes without a portal: psycopg, csv.writer, nothing else. COPY to CSV is beside both as the limit.
`run` measures few rows in turns, `soak` a million.
"""

import csv
import gc
import resource
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg import sql

from bench.harness import Row, compare, interleave
from catalog.models import App
from datacatalog import sealing
from datacatalog.masking import Method
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from runtime import export_run
from runtime.csv_file import Writer
from runtime.live import LiveApp, live_app
from tests import live_apps
from tests.cast import make_cast
from tests.services import POSTGRES
from vault import keys
from vault.kms.local import LocalKeyring

SMALL, ROUNDS = 50_000, 5
LARGE = 1_000_000
AT_MOST = 2.5  # times the bare export
FLAT_MIB = 64  # how much memory may grow between the first tenth and the end
LOAD = 5_000
FIELDS: list[dict[str, Any]] = [
    {"name": "work_email", "label": "Work email", "type": "email"},
    {"name": "full_name", "label": "Full name", "type": "text"},
    {"name": "phone", "label": "Phone", "type": "phone"},
    {"name": "iban", "label": "IBAN", "type": "text"},
    {"name": "company", "label": "Company", "type": "text"},
    {"name": "source", "label": "Source", "type": "text"},
    {"name": "website", "label": "Website", "type": "url"},
    {"name": "budget", "label": "Budget", "type": "money"},
    {"name": "visits", "label": "Visits", "type": "integer"},
    {"name": "met_on", "label": "Met on", "type": "date"},
    {"name": "consent", "label": "Consent", "type": "boolean"},
    {"name": "notes", "label": "Notes", "type": "long_text"},
]
SEALED = 4  # the first ones


@dataclass(frozen=True)
class Side:
    """An app whose table holds the rows."""

    app: App
    live: LiveApp

    @property
    def table(self) -> sql.Identifier:
        """Where its rows are."""
        return sql.Identifier("apps", self.live.dataset("leads").spec.table)


def run() -> list[Row]:
    """A few rows, many times."""
    protected, plain = _sides(SMALL)
    medians = interleave(_measures(protected, plain), rounds=ROUNDS)
    return [*_rows(SMALL, medians), *_crypto(protected), *_kms(protected)]


def soak() -> list[Row]:
    """A million rows, each way once, and the memory that it takes."""
    protected, plain = _sides(LARGE)
    measures = _measures(protected, plain)
    seen: dict[str, float] = {}
    with watched() as memory:
        seen["protected"] = measures["protected"]()
    seen |= {name: measure() for name, measure in measures.items() if name != "protected"}
    grown = memory.grown
    return [
        *_rows(LARGE, seen),
        Row("memory grown while it ran", grown, "MiB", goal=f"≤ {FLAT_MIB}", ok=grown <= FLAT_MIB),
        *_crypto(protected),
        *_kms(protected),
    ]


def _rows(count: int, seconds: dict[str, float]) -> list[Row]:
    bare = seconds["bare"]
    return [
        Row("rows", count, "rows"),
        compare("export, four fields opened and masked", seconds["protected"], bare, "s", at_most=AT_MOST),
        compare("the same, as the portal exports plain rows", seconds["plain"], bare, "s"),
        compare("COPY to CSV", seconds["copy"], bare, "s"),
    ]


# -- the sides ---------------------------------------------------------------------------------------------


def _measures(protected: Side, plain: Side) -> dict[str, Callable[[], float]]:
    return {
        "protected": timed(lambda path: _portal(protected, path)),
        "bare": timed(lambda path: _bare(plain, path)),
        "plain": timed(lambda path: _portal(plain, path)),
        "copy": timed(lambda path: _copy(plain, path)),
    }


def timed(export: Callable[[Path], None]) -> Callable[[], float]:
    """Seconds that it takes to write the file."""

    def measure() -> float:
        gc.collect()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.csv"
            start = time.perf_counter()
            export(path)
            return time.perf_counter() - start

    return measure


def _portal(side: Side, path: Path) -> None:
    """What a run does between its beginning and its end, every protected value masked in part."""
    dataset = side.live.dataset("leads")
    masks = {item.id: Method.PARTIAL for item in dataset.fields if item.protected}
    with tenant_scope(side.live.tenant), path.open("wb") as stream:
        for _rows in export_run.fill(Writer(stream), side.live, dataset, dataset.fields, masks):
            pass
    _check(path, dataset.fields, bool(masks))


def _check(path: Path, fields: Any, masked: bool) -> None:
    """That what was measured is what was asked for."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        first = next(rows)
    assert len(first) == len(fields)
    assert first[0] == ("p•••@•••.example" if masked else "person0@company0.example"), first[0]
    assert first[3].startswith("DE•••" if masked else "DE00"), first[3]


def _bare(side: Side, path: Path) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(item.column) for item in side.live.dataset("leads").fields)
    query = sql.SQL("SELECT {} FROM {} ORDER BY created_at, id").format(columns, side.table)
    with tenant_scope(side.live.tenant), path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, quoting=csv.QUOTE_ALL)
        connection.ensure_connection()
        with connection.connection.cursor("bare") as cursor:
            cursor.itersize = 1000
            cursor.execute(query)
            rows.writerows(cursor)


def _copy(side: Side, path: Path) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(item.column) for item in side.live.dataset("leads").fields)
    query = sql.SQL(
        "COPY (SELECT {} FROM {} ORDER BY created_at, id) TO STDOUT (FORMAT csv, FORCE_QUOTE *)"
    ).format(columns, side.table)
    with tenant_scope(side.live.tenant), path.open("wb") as stream:
        connection.ensure_connection()
        with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
            for block in copy:
                stream.write(block)


# -- what they read ----------------------------------------------------------------------------------------


def _sides(count: int) -> tuple[Side, Side]:
    owner = make_cast().lena
    protected = _make(owner, "protected", sealed=True)
    plain = _make(owner, "plain", sealed=False)
    for side in (protected, plain):
        _load(side, count)
    return protected, plain


def _make(owner: User, slug: str, *, sealed: bool) -> Side:
    fields = [
        {"id": f"f_bench{n:04d}", "classification": "pii" if sealed and n < SEALED else "internal", **field}
        for n, field in enumerate(FIELDS)
    ]
    app = live_apps.make_app(owner, slug=slug, fields=fields)
    with tenant_scope(app.tenant_id):
        return Side(app, live_app(slug))


def values(n: int) -> list[Any]:
    """The values of row `n`, in the fields' order."""
    return [
        f"person{n}@company{n % 997}.example",
        f"Anna-Lena Person {n}",
        f"+4930{n:08d}",
        f"DE{n % 100:02d}37040044{n:010d}",
        f"Company {n % 997} and Sons",
        ("Event", "Website", "Referral")[n % 3],
        f"https://company{n % 997}.example/contact",
        n * 100 % 9_000_000,
        n % 50,
        date(2020, 1, 1) + timedelta(days=n % 2000),
        n % 2 == 0,
        f"Met at stand {n % 40}; wants to hear more next month.",
    ]


def _load(side: Side, count: int) -> None:
    """By COPY as the database's owner: a walled table refuses it to the app."""
    spec = side.live.dataset("leads").spec
    names: list[str] = []
    with psycopg.connect(POSTGRES.url()) as server, server.cursor() as cursor:
        for first in range(0, count, LOAD):
            rows = [
                (uuid7(), dict(zip((item.id for item in spec.fields), values(n), strict=True)))
                for n in range(first, min(first + LOAD, count))
            ]
            with tenant_scope(side.live.tenant):
                sealed = sealing.sealed_many(spec, rows)
            names = names or list(sealed[0])
            listed = sql.SQL(", ").join(map(sql.Identifier, ["id", "tenant_id", *names]))
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(side.table, listed)) as copy:
                for (record, _values), columns in zip(rows, sealed, strict=True):
                    copy.write_row([record, side.live.tenant, *(columns[name] for name in names)])
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        server.execute(sql.SQL("VACUUM ANALYZE {}").format(side.table))


# -- keys --------------------------------------------------------------------------------------------------


def _crypto(side: Side, times: int = 20_000) -> list[Row]:
    """One value sealed, and opened, with the keys at hand."""
    tenant, app, record = side.live.tenant, side.live.id, uuid.uuid4()
    text = "anna-lena.person@company.example"
    with tenant_scope(tenant):
        box = keys.encrypt(tenant, app, "f_bench0000", record, text)
        place = keys.Place("f_bench0000", record)
        sealing_us = _each(lambda: keys.encrypt_many(tenant, app, [(place, text)] * times), times)
        opening_us = _each(lambda: keys.decrypt_many(tenant, app, [(place, box)] * times), times)
        alone_us = _each(lambda: [keys.decrypt(tenant, app, "f_bench0000", record, box)] * 1, 1)
    return [
        Row("a value sealed, warm", sealing_us, "µs", goal="≤ 10", ok=sealing_us <= 10),
        Row("a value opened, warm", opening_us, "µs", goal="≤ 10", ok=opening_us <= 10),
        Row("a value opened alone", alone_us, "µs"),
    ]


def _each(work: Callable[[], Any], times: int) -> float:
    work()
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / times * 1e6


def _kms(side: Side) -> list[Row]:
    """How often the key service is asked, from cold, for an export's operations."""
    keys.evict(side.live.tenant)
    with counted() as calls, tempfile.TemporaryDirectory() as folder:
        _portal(side, Path(folder) / "export.csv")
    with transaction.atomic(), tenant_scope(side.live.tenant), connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(side.table).as_string(cursor.connection))
        operations = cursor.fetchone()[0] * SEALED
    per = calls[0] / operations * 1000
    return [
        Row("calls of the key service", calls[0], "calls"),
        Row("the same for 1,000 operations", per, "calls", goal="≤ 1", ok=per <= 1),
    ]


@contextmanager
def counted() -> Iterator[list[int]]:
    """Counts unwrapping by the key service."""
    calls, unwrap = [0], LocalKeyring.unwrap

    def count(self: LocalKeyring, *args: Any) -> bytes:
        calls[0] += 1
        return unwrap(self, *args)

    LocalKeyring.unwrap = count  # type: ignore[method-assign]
    try:
        yield calls
    finally:
        LocalKeyring.unwrap = unwrap  # type: ignore[method-assign]


class Memory:
    """What this process and its helpers take, sampled while something runs."""

    def __init__(self) -> None:
        self.samples: list[float] = []

    @property
    def grown(self) -> float:
        """MiB between the first tenth and the highest after it."""
        first = self.samples[len(self.samples) // 10]
        return max(self.samples[len(self.samples) // 10 :]) - first


@contextmanager
def watched() -> Iterator[Memory]:
    """Samples the resident memory, ten times a second."""
    memory, done = Memory(), threading.Event()
    page = resource.getpagesize() / 2**20

    def watch() -> None:
        while not done.wait(0.1):
            resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            memory.samples.append(resident * page)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        done.set()
        thread.join()
