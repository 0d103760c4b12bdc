"""How a field is stored is fixed when it goes live; a class that is edited later changes what people see."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import DatabaseError
from django.test import Client

from catalog import launch, services
from catalog.models import App, AppVersion
from datacatalog.models import Classification
from identity.errors import BadInput
from identity.models import User
from identity.tenancy import tenant_scope
from runtime import gateway
from runtime.gateway import Query
from runtime.live import live_app
from tests import apps
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.integration.runtime.test_records import listing
from tests.live_apps import CANARIES, COMPANY, EMAIL, NAME, VALUES, add, make_app
from tests.services import POSTGRES


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return make_app(committed_cast.lena)


def classify(app: App, code: str, **values: object) -> None:
    """An admin edits a class of data."""
    with tenant_scope(app.tenant_id):
        assert Classification.objects.filter(code=code).update(**values)


def stored(app: App) -> str:
    with tenant_scope(app.tenant_id):
        table = live_app(app.slug).dataset("leads").spec.table
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        return repr(server.execute(f'SELECT * FROM apps."{table}"').fetchall())


def texts(app: App, by: User, text: str = "") -> list[dict[str, str]]:
    with tenant_scope(app.tenant_id):
        lines = listing(app, by, Query(text=text)).lines
    return [{cell.field.id: cell.text for cell in line.cells} for line in lines]


def test_what_was_stored_encrypted_stays_so_when_its_class_is_no_longer_protected(
    app: App, committed_cast: Cast
) -> None:
    add(app, committed_cast.mia)
    classify(app, "pii", protected=False, personal=False, level=1, mask="")
    add(app, committed_cast.mia)
    assert [row[EMAIL] for row in texts(app, committed_cast.mia)] == [VALUES[EMAIL]] * 2
    assert not any(canary in stored(app) for canary in CANARIES)
    assert len(texts(app, committed_cast.mia, VALUES[NAME])) == 2, "found whole, as it is stored"


def test_what_is_stored_in_clear_is_read_on_when_its_class_becomes_protected(
    app: App, committed_cast: Cast, browse: Callable[[User], Client]
) -> None:
    add(app, committed_cast.mia)
    classify(app, "internal", protected=True, level=3, mask="hide")
    record = add(app, committed_cast.mia)
    rows = texts(app, committed_cast.mia)
    assert [row[COMPANY] for row in rows] == ["•••"] * 2, "masked from now on"
    assert texts(app, committed_cast.mia, "conto") == [], "and no part of it is found"
    with tenant_scope(app.tenant_id):
        live = live_app(app.slug)
        data = live.dataset("leads")
        with at_edge(committed_cast.omar):
            cell = gateway.reveal_value(
                by=committed_cast.omar,
                live=live,
                dataset=data,
                record_id=record,
                field=data.by_id[COMPANY],
            )
    assert cell.text == VALUES[COMPANY]
    page = browse(committed_cast.lena).get(f"/build/app/{app.slug}/").content.decode()
    assert "Stored unencrypted" in page


def test_a_launch_stores_as_was_decided_though_the_class_changes_under_way(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)
        version = apps.submitted(cast.lena)
        apps.approve(cast.omar, version)
        version = AppVersion.objects.get(pk=version.pk)
        Classification.objects.filter(code="pii").update(protected=False)
    assert launch.launch(version.pk, version.tenant_id)
    with tenant_scope(cast.tenant.pk):
        fields = {one.name: one for one in version.parsed.fields()}
        dataset = live_app("spring-leads").dataset("leads")
        assert dataset.by_id[fields["work_email"].id].sealed
        assert not dataset.by_id[fields["company"].id].sealed


def test_the_next_version_keeps_what_is_encrypted_and_refuses_what_would_stay_in_clear(
    committed_cast: Cast,
) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)
        version = apps.submitted(cast.lena)
        apps.approve(cast.omar, version)
    app = apps.launched_for(version)
    classify(app, "pii", protected=False, personal=False, level=1)
    with tenant_scope(cast.tenant.pk):
        draft = services.start_change(by=cast.lena, app=app)
        second = services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
    assert launch.launch(second.pk, second.tenant_id)
    classify(app, "internal", protected=True, mask="hide")
    with tenant_scope(cast.tenant.pk):
        assert AppVersion.objects.get(pk=second.pk).sealed == AppVersion.objects.get(pk=version.pk).sealed
        draft = services.start_change(by=cast.lena, app=app)
        with pytest.raises(BadInput, match=r"“Company” is stored unencrypted.*Remove the field"):
            services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)


def test_the_database_keeps_how_a_live_version_is_stored(app: App) -> None:
    with pytest.raises(DatabaseError, match="cannot change"), tenant_scope(app.tenant_id):
        AppVersion.objects.update(sealed=[])
