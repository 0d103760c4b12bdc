"""A key that is switched off anywhere opens nothing anywhere within five seconds, heard or not (S4)."""

import subprocess
import time
import uuid

import psycopg
import pytest

from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.database import begin_listening
from tests.services import POSTGRES
from tests.vault_keys import ask, reader, seal, unseal
from vault import eviction, keys, rings, services
from vault.errors import KeyDisabled

LIMIT_SECONDS = 5.0


def switch_off(cast: Cast) -> float:
    with tenant_scope(cast.tenant.pk):
        services.disable_key(by=cast.ada, tenant=cast.tenant.pk)
    return time.monotonic()


def until_refused(process: "subprocess.Popen[str]", since: float) -> float:
    """Seconds until the reader is refused."""
    while (said := ask(process)) == "read canary":
        assert time.monotonic() - since < 2 * LIMIT_SECONDS, "still readable"
        time.sleep(0.02)
    assert said == "refused KeyDisabled"
    return time.monotonic() - since


def listening() -> list[tuple[int]]:
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        rows = server.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'portal keys'")
        return rows.fetchall()


def test_another_process_that_listens_forgets_at_once(keyed: Cast) -> None:
    box = seal(keyed.tenant.pk)
    with reader(keyed.tenant.pk, box) as process:
        time.sleep(
            2 * eviction.BEAT_SECONDS
        )  # its thread is there, and what it keeps would last five minutes
        assert ask(process) == "read canary"
        assert until_refused(process, switch_off(keyed)) < 1.0
        with tenant_scope(keyed.tenant.pk):
            services.enable_key(by=keyed.ada, tenant=keyed.tenant.pk)
        assert ask(process) == "read canary"


def test_a_process_that_hears_nothing_forgets_in_time(keyed: Cast) -> None:
    box = seal(keyed.tenant.pk)
    with reader(keyed.tenant.pk, box, "deaf") as process:
        assert ask(process) == "read canary"
        assert until_refused(process, switch_off(keyed)) < LIMIT_SECONDS


def test_a_process_whose_line_is_cut_forgets_in_time(keyed: Cast) -> None:
    box = seal(keyed.tenant.pk)
    with reader(keyed.tenant.pk, box) as process:
        time.sleep(2 * eviction.BEAT_SECONDS)
        since = switch_off_while_deaf(keyed)
        assert until_refused(process, since) < LIMIT_SECONDS


def switch_off_while_deaf(cast: Cast) -> float:
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        for (pid,) in listening():
            server.execute("SELECT pg_terminate_backend(%s)", [pid])
    return switch_off(cast)


def test_what_was_read_before_a_change_is_not_kept_after_it(
    keyed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are read, then the key is switched off and that is heard, then the ring would be kept."""
    tenant = keyed.tenant.pk
    box = seal(tenant)
    load = rings._load

    def slow(slot: rings.Slot) -> rings.Ring:
        made = load(slot)
        rings.listener._changed(str(tenant))
        return made

    keys.evict(tenant)
    monkeypatch.setattr(rings, "_load", slow)
    assert unseal(tenant, box) == "canary"
    assert not [slot for slot in rings._rings if slot.tenant == tenant]


def test_this_process_forgets_with_the_commit(keyed: Cast) -> None:
    box = seal(keyed.tenant.pk)
    switch_off(keyed)
    with pytest.raises(KeyDisabled):
        unseal(keyed.tenant.pk, box)
    with tenant_scope(keyed.other.pk):  # the other tenant's is on
        services.rotate(by=None, tenant=keyed.other.pk)
    assert unseal(keyed.other.pk, seal(keyed.other.pk)) == "canary"


def test_a_child_of_a_fork_listens_anew(keyed: Cast) -> None:
    rings.listener.begin()
    thread = rings.listener._thread
    rings.listener._stop.set()  # the parent's; in a child it would not be there at all
    rings.listener.after_fork()
    assert rings.listener._thread is None
    assert not rings.listener.hears()
    begin_listening()
    assert rings.listener._thread is not thread


def test_rings_are_bounded(keyed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rings, "MOST_RINGS", 3)
    for _ in range(5):
        seal(keyed.tenant.pk, uuid.uuid4())
    assert len(rings._rings) <= 3
