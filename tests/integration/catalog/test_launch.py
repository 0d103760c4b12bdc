"""From approved to live, through kills: tables, pointer, catalog entry and event belong together."""

import subprocess
import sys
import textwrap
import uuid

import psycopg
import pytest
from django.db import connections, transaction

from catalog import content as drafting
from catalog import launch, services
from catalog.models import App, AppVersion, Draft
from catalog.specs import dataset_id
from catalog.states import AppState, VersionState
from datacatalog import tables
from datacatalog.models import Dataset
from identity.errors import Conflict, NotAllowed
from identity.tenancy import tenant_scope
from tests import apps
from tests.cast import Cast
from tests.services import POSTGRES
from vault import services as vault
from vault.models import TenantKey

SWEEP = launch.STALE_SECONDS


@pytest.fixture
def version(committed_cast: Cast) -> AppVersion:
    """A version on its way to live; its worker has not come yet."""
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)
        return apps.submitted(cast.lena, apps.LOW_RISK)


def table_of(version: AppVersion) -> str:
    return f"t_{dataset_id(version.app_id, 'entries').hex}"


def tables_there() -> set[str]:
    with psycopg.connect(POSTGRES.url()) as server:
        rows = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'apps'").fetchall()
        return {row[0] for row in rows}


def events(kind: str) -> int:
    with psycopg.connect(POSTGRES.url()) as server:
        row = server.execute(
            "SELECT count(*) FROM ledger.event WHERE body::jsonb->>'kind' = %s", [kind]
        ).fetchone()
        assert row
        return int(row[0])


def aged(version: AppVersion) -> None:
    """As if the launch had begun long ago."""
    with psycopg.connect(POSTGRES.url()) as server:
        server.execute("UPDATE catalog_appversion SET launching_at = now() - interval '1 hour'")


def state(version: AppVersion) -> tuple[str, str, uuid.UUID | None]:
    with tenant_scope(version.tenant_id):
        app = App.objects.get(pk=version.app_id)
        now = AppVersion.objects.get(pk=version.pk)
        return app.state, now.state, app.live_version_id


def killed(version: AppVersion, where: str) -> None:
    """Run the launch in a process that is killed at `where` and wait for its end."""
    program = f"""
        import os, signal, uuid
        import django
        django.setup()
        from catalog import launch
        from datacatalog import tables
        def die(*args, **kwargs):
            os.kill(os.getpid(), signal.SIGKILL)
        {where}
        launch.launch(uuid.UUID("{version.pk}"), uuid.UUID("{version.tenant_id}"))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()


def test_a_launch_makes_tables_pointer_entry_and_one_event(version: AppVersion) -> None:
    assert launch.launch(version.pk, version.tenant_id) is True
    assert state(version) == (AppState.LIVE, VersionState.LIVE, version.pk)
    assert tables_there() == {table_of(version)}
    with tenant_scope(version.tenant_id):
        dataset = Dataset.objects.get()
        assert (dataset.pk, dataset.app) == (dataset_id(version.app_id, "entries"), version.app_id)
        assert dataset.fields.count() == 5
        app = App.objects.get()
        assert (app.database, app.title) == ("default", "Spring leads")
    assert events("app.live") == 1
    assert launch.launch(version.pk, version.tenant_id) is False
    assert events("app.live") == 1


@pytest.mark.parametrize(
    ("where", "made"),
    [
        ("launch.services.finish_launch = die", True),  # after the tables, before the pointer
        ("tables._make_indexes = die", False),  # in the middle of making a table
        ("launch.services.live.record = die", True),  # in the pointer's transaction
    ],
)
def test_killed_half_way_the_sweep_finishes_it_once(version: AppVersion, where: str, made: bool) -> None:
    if "live.record" in where:
        where = "import catalog.services.live as live; live.record = die"
    killed(version, where)
    assert (table_of(version) in tables_there()) is made
    assert state(version) == (AppState.NEW, VersionState.LAUNCHING, None)
    assert events("app.live") == 0
    assert launch.sweep() == 0, "a launch that may still be under way is left alone"
    aged(version)
    assert launch.sweep() == 1
    assert state(version) == (AppState.LIVE, VersionState.LIVE, version.pk)
    assert launch.sweep() == 0
    assert events("app.live") == 1


def test_a_launch_that_kills_its_worker_each_time_is_given_up(version: AppVersion) -> None:
    with tenant_scope(version.tenant_id):
        AppVersion.objects.update(launch_tries=launch.MAX_TRIES)
    aged(version)
    assert launch.sweep() == 0
    assert state(version) == (AppState.NEW, VersionState.FAILED, None)
    assert tables_there() == set()
    assert (events("app.live"), events("app.launch_failed")) == (0, 1)


def test_a_launch_that_breaks_does_not_hold_up_the_others(committed_cast: Cast, version: AppVersion) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        other = apps.submitted(committed_cast.lena, apps.LOW_RISK, title="Autumn leads")
    aged(version)
    with psycopg.connect(POSTGRES.url()) as server:  # what no release of ours would have stored
        server.execute("SET session_replication_role = replica")
        server.execute(
            "UPDATE catalog_appversion SET manifest = '{}', digest = encode(sha256('{}'), 'hex'), "
            "launching_at = launching_at - interval '1 hour' WHERE id = %s",
            [version.pk],
        )
    assert launch.sweep() == 1
    assert state(other)[1] == VersionState.LIVE


def second_version(cast: Cast, version: AppVersion, change: str) -> AppVersion:
    """Another version of the live app with the first field's type changed, or a field added."""
    with tenant_scope(cast.tenant.pk):
        app = App.objects.get(pk=version.app_id)
        draft = services.start_change(by=cast.lena, app=app)
        content = drafting.add_fields(
            draft.content,
            [
                drafting.new_field(
                    name="floor", label="Floor", classification="internal", residency="eu", purpose="Explain"
                )
            ],
        )
        if change == "type":
            content["datasets"][0]["fields"][3]["type"] = "text"
        draft = apps.save(cast.lena, draft, content)
        return services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)


def test_the_next_version_adds_and_the_first_can_come_back(committed_cast: Cast, version: AppVersion) -> None:
    apps.launched_for(version)
    second = second_version(committed_cast, version, "add")
    assert state(version)[2] == version.pk, "people use the first until the second is there"
    assert launch.launch(second.pk, second.tenant_id)
    assert state(second) == (AppState.LIVE, VersionState.LIVE, second.pk)
    assert state(version)[1] == VersionState.REPLACED
    with tenant_scope(version.tenant_id):
        first = AppVersion.objects.select_related("app").get(pk=version.pk)
        services.rollback_to(by=committed_cast.lena, version=first)
    assert launch.launch(version.pk, version.tenant_id)
    assert state(version) == (AppState.LIVE, VersionState.LIVE, version.pk)
    assert state(second)[1] == VersionState.REPLACED
    assert events("app.live") == 3


def test_a_changed_type_is_given_up_and_what_is_live_stays(committed_cast: Cast, version: AppVersion) -> None:
    apps.launched_for(version)
    second = second_version(committed_cast, version, "type")
    assert launch.launch(second.pk, second.tenant_id) is False
    assert state(second)[1] == VersionState.FAILED
    assert state(version) == (AppState.LIVE, VersionState.LIVE, version.pk)
    assert tables_there() == {table_of(version)}
    with tenant_scope(version.tenant_id):
        assert "new field" in AppVersion.objects.get(pk=second.pk).failure


def test_retiring_ends_the_app_for_everyone(committed_cast: Cast, version: AppVersion) -> None:
    apps.launched_for(version)
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        app = App.objects.get()
        with pytest.raises(NotAllowed), transaction.atomic():
            services.retire(by=cast.omar, app=app)
        services.retire(by=cast.lena, app=app)
        with pytest.raises(Conflict), transaction.atomic():
            services.start_change(by=cast.lena, app=app)
    assert state(version) == (AppState.RETIRED, VersionState.REPLACED, None)
    assert events("app.retired") == 1


def test_another_tenant_sees_nothing_of_it(committed_cast: Cast, version: AppVersion) -> None:
    with tenant_scope(committed_cast.other.pk):
        assert not App.objects.exists()
        assert not AppVersion.objects.exists()
        assert not Draft.objects.exists()


def test_tables_take_only_their_tenants_rows(version: AppVersion) -> None:
    assert launch.launch(version.pk, version.tenant_id)
    with tenant_scope(version.tenant_id), connections["default"].cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM {tables.SCHEMA}."{table_of(version)}"')
        assert cursor.fetchone() == (0,)


def test_an_app_with_protected_fields_gets_a_data_key_of_its_own(committed_cast: Cast) -> None:
    cast, tenant = committed_cast, committed_cast.tenant.pk
    with tenant_scope(tenant):
        vault.provision(by=None, tenant=tenant)
        apps.seed(cast.lena)
        plain, personal = apps.submitted(cast.lena, apps.LOW_RISK), apps.submitted(cast.lena, title="Own key")
        apps.approve(cast.omar, personal)
    for version in (plain, personal):
        apps.launched_for(version)
    launch.launch(personal.pk, tenant)
    with tenant_scope(tenant):
        own = TenantKey.objects.exclude(app=None).values_list("app", "purpose", "version")
        assert list(own) == [(personal.app_id, "fields", 1)]
