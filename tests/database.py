"""Fixtures of the database: migrated once, rolled back after each test or emptied after those that commit."""

import time
from collections.abc import Iterator

import psycopg
import pytest
import redis
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from policy import revisions
from tests.services import POSTGRES, REDIS
from vault import rings

KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> None:
    """Migrate as the owner, into the database that every alias already names."""
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
    begin_listening()


def begin_listening() -> None:
    """Keys are kept for long only by who hears of changes; else the count of queries would be one of time."""
    listener, deadline = rings.listener, time.monotonic() + 10
    listener.begin()
    while not listener.hears() and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For tests that need commits, several connections or other processes. Empties every table after."""
    with django_db_blocker.unblock():
        redis.Redis.from_url(REDIS.url).flushdb()  # earlier tests counted for tenants that are gone
        try:
            yield
        finally:
            for connection in connections.all():
                connection.close()
            empty()
            revisions.refresh()  # what a test published decides no longer


def empty() -> None:
    """Empty all tables as the superuser, past the record's triggers, and reset the log.

    A test fills a few of a hundred tables: those alone are emptied, row by row, which takes a fraction of the
    time in which every table and index gets a new file.
    """
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        rows = server.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'ledger', 'apps')"
        ).fetchall()
        names = [row for row in rows if row[1] not in KEPT | {"log_state"}]
        apps = [row for row in names if row[0] == "apps"]
        for row in apps:
            server.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(*row)))
        kept = [sql.Identifier(*row) for row in names if row not in apps]
        probe = sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})")
        probes = [probe.format(sql.Literal(number), table) for number, table in enumerate(kept)]
        filled = server.execute(sql.SQL(" UNION ALL ").join(probes)).fetchall()
        for (number,) in filled:
            server.execute(sql.SQL("DELETE FROM {}").format(kept[number]))
        server.execute("UPDATE ledger.log_state SET size = 0, snap = '1:1:'")
