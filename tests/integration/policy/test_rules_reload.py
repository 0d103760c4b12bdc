"""New rules decide everywhere at once, and no request is refused because of them (P4, docs/adr/0080)."""

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from identity.tenancy import tenant_scope
from notices.models import Outbox
from policy import bundle_file, pdp, revisions
from policy.engines.opa import server_command
from policy.rulebook import Rulebook, shipped
from tests.cast import Cast
from tests.integration.policy.test_opa import PROVENANCE, peer
from tests.integration.runtime.test_records import events
from tests.opa_server import OpaServer
from tests.policy_facts import APP, COMPANY, in_tenant
from tests.rules import another, freezing, put_in_force

FROZEN = Rulebook.of(freezing(APP))
BAD = Rulebook((("main.rego", "package portal.main\n\ndecision := {"),))
SOON = 2.0
OTHER = """
import json, sys, uuid
import django
django.setup()
from policy import pdp
from tests.policy_facts import COMPANY, in_tenant
facts = in_tenant(uuid.UUID(sys.argv[1]), uuid.UUID(sys.argv[2]), COMPANY, dataset="leads")
for _line in sys.stdin:
    decision = pdp.decide(action="record.create", preview=True, **facts)
    print(json.dumps([decision.allowed, decision.revision, decision.engine, decision.undecided]), flush=True)
"""


def ask(cast: Cast, action: str = "record.create") -> pdp.Decision:
    facts = in_tenant(cast.tenant.pk, cast.lena.pk, COMPANY, dataset="leads")
    return pdp.decide(**{"action": action, **facts})


class Other:
    """Another process of the portal, started anew, that decides when it is asked."""

    def __init__(self, cast: Cast, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(cast.tenant.pk), str(cast.lena.pk)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(url),
        )

    def ask(self) -> list[Any]:
        """Allowed, revision, engine, undecided."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        told: list[Any] = json.loads(self._process.stdout.readline())
        return told

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def _environment(url: str) -> dict[str, str]:
    return {**os.environ, "OPA_URL": url, "PYTHONPATH": str(Path(__file__).parents[3])}


@pytest.fixture
def watching(opa_binary: str, tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Iterator[str]:
    """An OPA that watches the file which this process keeps, as in `portal up`."""
    home = tmp_path_factory.mktemp("opa")
    file, url = home / "policy" / "rules.tar.gz", f"unix://{home}/opa.sock"
    bundle_file.keep(file, shipped)
    server = subprocess.Popen(server_command(opa_binary, str(file), url, watch=True))
    while not (home / "opa.sock").exists():
        time.sleep(0.05)
    settings.OPA_BUNDLE, settings.OPA_URL = str(file), url
    yield url
    server.kill()
    server.wait()


def test_another_process_decides_by_them_within_moments(committed_cast: Cast) -> None:
    other = Other(committed_cast, "")
    try:
        assert other.ask() == [True, shipped().revision, "embedded", False]
        put_in_force(FROZEN)
        _soon(other, "embedded")
    finally:
        other.stop()


@pytest.mark.needs_opa
def test_another_process_that_asks_an_opa_does_too(committed_cast: Cast, watching: str) -> None:
    ask(committed_cast)  # this process follows, and keeps the file
    other = Other(committed_cast, watching)
    try:
        assert other.ask() == [True, shipped().revision, "opa", False]
        put_in_force(FROZEN)
        _soon(other, "opa")
    finally:
        other.stop()


def _soon(other: Other, engine: str) -> None:
    """Within moments it denies by the new rules, and never for want of an answer."""
    until = time.monotonic() + SOON
    while (told := other.ask())[1] != FROZEN.revision:
        assert told == [True, shipped().revision, engine, False]
        assert time.monotonic() < until
        time.sleep(0.05)
    assert told == [False, FROZEN.revision, engine, False]


@pytest.mark.needs_opa
def test_no_decision_is_refused_while_rules_change(committed_cast: Cast, watching: str) -> None:
    found: Counter[tuple[str, str]] = Counter()
    rules = [another(), FROZEN, shipped(), FROZEN]

    def loop() -> None:
        for _n in range(100):
            decision = ask(committed_cast, "record.update")
            found[decision.revision, "undecided" if decision.undecided else str(decision.allowed)] += 1
        connections.close_all()

    threads = [threading.Thread(target=loop) for _n in range(2)]
    for thread in threads:
        thread.start()
    for one in rules:
        put_in_force(one)
        time.sleep(0.4)
    for thread in threads:
        thread.join()
    assert sum(found.values()) == 200
    # each by the rules that it names: FROZEN alone denies
    assert set(found) <= {(one.revision, str(one.revision != FROZEN.revision)) for one in rules}
    until = time.monotonic() + SOON
    while ask(committed_cast).revision != FROZEN.revision:
        assert time.monotonic() < until
    assert not events("policy.engine_down")


@pytest.mark.needs_opa
def test_an_opa_that_stays_behind_decides_for_a_while_and_then_no_more(
    committed_cast: Cast, own_opa: OpaServer, settings: Any
) -> None:
    settings.OPA_URL, settings.POLICY_GRACE_SECONDS = own_opa.url, 1.0
    put_in_force(another())
    behind = ask(committed_cast)
    assert (behind.allowed, behind.revision) == (True, shipped().revision), "recorded as what it was"
    time.sleep(1.0)
    denied = ask(committed_cast)
    assert (denied.undecided, denied.revision) == (True, another().revision)


def test_what_was_never_in_force_counts_at_no_time(committed_cast: Cast, settings: Any) -> None:
    put_in_force(another())
    bundles = {"portal": {"revision": "0" * 64}}
    body = json.dumps({"result": {"allow": True}, "provenance": {**PROVENANCE, "bundles": bundles}})
    with peer(200, body) as url:
        settings.OPA_URL = url
        assert ask(committed_cast).undecided


def test_rules_that_do_not_come_up_leave_the_others_and_are_loud(committed_cast: Cast, settings: Any) -> None:
    cache.clear()
    settings.POLICY_TENANT = "contoso"
    before = ask(committed_cast)
    put_in_force(BAD)
    after = ask(committed_cast)
    assert (after.allowed, after.revision) == (True, before.revision)
    assert [body["facts"] for body in events("rules.not_loaded")] == [{"revision": BAD.revision}]
    with tenant_scope(committed_cast.tenant.pk):
        told = Outbox.objects.filter(kind="rules.not_loaded").values_list("role", flat=True)
        assert sorted(told) == ["admin", "security"]
    put_in_force(FROZEN)
    assert ask(committed_cast).revision == FROZEN.revision, "the next good ones decide"


def test_deciding_asks_the_database_nothing_about_rules(committed_cast: Cast) -> None:
    put_in_force(another())
    with CaptureQueriesContext(connection) as queries:
        assert ask(committed_cast).revision == another().revision
    assert queries.captured_queries
    assert not [one for one in queries.captured_queries if "policy_rules" in one["sql"]]


def _tell_revision(pipe: Any) -> None:
    connections.close_all()
    pipe.send(revisions.in_force().revision)
    pipe.recv()
    until = time.monotonic() + SOON
    while revisions.in_force().revision != FROZEN.revision and time.monotonic() < until:
        time.sleep(0.02)
    pipe.send(revisions.in_force().revision)


def test_a_forked_process_follows_by_itself(committed_cast: Cast) -> None:
    ask(committed_cast)
    ours, theirs = multiprocessing.Pipe()
    connections.close_all()
    child = os.fork()  # as gunicorn and Celery do; multiprocessing would clean up after other libraries first
    if not child:
        _tell_revision(theirs)
        os._exit(0)
    theirs.close()
    assert heard(ours) == shipped().revision
    put_in_force(FROZEN)
    ours.send("now")
    assert heard(ours) == FROZEN.revision
    os.waitpid(child, 0)


def heard(pipe: Any) -> Any:
    """What the child says; a child that hangs fails the test and not the whole run."""
    assert pipe.poll(4 * SOON), "the child is silent"
    return pipe.recv()


def test_the_file_is_whole_and_never_older_than_what_is_there(tmp_path: Path) -> None:
    file, turns = tmp_path / "policy" / "rules.tar.gz", iter([shipped(), another()] * 50)
    bundle_file.keep(file, shipped)
    whole, now = {file.read_bytes()}, [shipped()]
    bundle_file.keep(file, another)
    whole.add(file.read_bytes())
    lock = threading.Lock()

    def read() -> Rulebook:
        """What the database would say by then: each later than the one before."""
        with lock:
            now[0] = next(turns)
        return now[0]

    def write() -> None:
        for _n in range(10):
            bundle_file.keep(file, read)

    threads = [threading.Thread(target=write) for _n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert file.read_bytes() in whole
    assert not bundle_file.keep(file, lambda: now[0]), "what was read last is what is there"
