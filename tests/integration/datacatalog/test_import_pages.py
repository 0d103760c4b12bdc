"""The pages of imports, bulk tagging and contracts over HTTP; no query more for more rows."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from datacatalog import services
from datacatalog.models import Dataset, DatasetField, ImportRun, TagBatch
from identity.models import User
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.integration.datacatalog.conftest import FULL_EXAMPLE, eu
from tests.integration.datacatalog.test_imports import PEOPLE
from tests.unit.datacatalog.test_sources import API

IMPORT = "/data/import/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def as_(client: Client) -> Callable[[User], Client]:
    """`as_(user)`: the browser of somebody who is signed in."""

    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


def text(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def upload(client: Client, cast: Cast, kind: str, name: str, content: bytes, **more: str) -> str:
    with tenant_scope(cast.tenant.pk):
        region = eu().pk
    file = SimpleUploadedFile(name, content)
    answer = client.post(IMPORT, {"kind": kind, "file": file, "region": region} | more)
    assert answer.status_code == 302, text(answer)
    return answer["Location"]


def test_a_table_is_mapped_imported_and_compared(catalog: Cast, as_: Callable[[User], Client]) -> None:
    lena = as_(catalog.lena)
    run = upload(lena, catalog, "file", "people.csv", PEOPLE)
    page = text(lena.get(run))
    assert "4: 4 new, 0 changed" in page
    assert "What is different" not in page  # all is new
    mapping = f"{run}map/0/"
    form = text(lena.get(mapping))
    assert "Label of email" in form
    assert "ann@contoso.com" not in form
    sent = {"title": "Our people", "use": "on"}
    for n, label in enumerate(["Name", "Mail", "City", "Spend"]):
        sent |= {f"label-{n}": label, f"type-{n}": "text"}
        if n != 2:
            sent[f"use-{n}"] = "on"
    assert lena.post(mapping, sent | {"type-0": "spaceship"}).status_code == 422
    assert lena.post(mapping, sent)["Location"] == run
    assert "3: 3 new, 0 changed" in text(lena.get(run))
    assert lena.get(f"{run}map/9/").status_code == 404
    assert lena.post(run).status_code == 302
    with tenant_scope(catalog.tenant.pk):
        people = Dataset.objects.get()
        assert (people.title, people.fields.count()) == ("Our people", 3)
        services.confirm_suggestions(by=catalog.lena, dataset=people)
    again = upload(lena, catalog, "file", "people.csv", b"name,email\nAnn,1\n")
    page = text(lena.get(again))
    assert "What is different from the catalog" in page
    assert "people.spend" in page
    assert "gone from its source" in page


def test_an_api_and_a_broken_one(catalog: Cast, as_: Callable[[User], Client]) -> None:
    lena = as_(catalog.lena)
    run = upload(lena, catalog, "openapi", "api.yaml", API, source="people service")
    assert "GET /people/{id}" in text(lena.get(run))
    assert "people service" in text(lena.get(run))
    broken = upload(lena, catalog, "openapi", "api.yaml", API.replace(b"schemas/Base", b"schemas/Bass", 1))
    page = text(lena.get(broken))
    assert "1 problem: nothing was imported" in page
    assert "leads nowhere" in page
    assert 'class="number">22<' in page


def test_reading_shows_progress_and_reloads_when_it_is_over(
    catalog: Cast, as_: Callable[[User], Client]
) -> None:
    lena = as_(catalog.lena)
    with tenant_scope(catalog.tenant.pk):
        region = eu()
    login = {
        "dialect": "postgresql",
        "host": "db.example",
        "database": "crm",
        "user": "reader",
        "password": "canary-login-1",
        "region": region.pk,
    }
    answer = lena.post(f"{IMPORT}database/", login)
    assert answer.status_code == 302
    run = answer["Location"]
    page = text(lena.get(run))
    assert 'hx-trigger="every 1s"' in page
    assert "canary-login-1" not in page
    with tenant_scope(catalog.tenant.pk):
        ImportRun.objects.update(done=20, total=80)
    part = text(lena.get(run, headers=HTMX))
    assert "<html" not in part
    assert "20 of 80 read" in part
    with tenant_scope(catalog.tenant.pk):
        row = ImportRun.objects.get()
        address_is_sealed = b"canary-login-1" not in bytes(row.sealed)
        ImportRun.objects.update(state="preview", plan={"purpose": "", "objects": []}, sealed=None)
    assert address_is_sealed
    assert lena.get(run, headers=HTMX)["HX-Refresh"] == "true"
    with override_settings(DATABASE_IMPORT_DIALECTS=["mysql+pymysql"]):
        assert "mysql+pymysql" in text(lena.get(f"{IMPORT}database/"))
    assert lena.post(f"{IMPORT}database/", login | {"dialect": "sqlite"}).status_code == 422
    wrong = text(lena.post(f"{IMPORT}database/", login | {"region": ""}))
    assert "canary-login-1" not in wrong  # a password is not sent back


def test_all_like_this_and_take_it_back(catalog: Cast, as_: Callable[[User], Client]) -> None:
    lena = as_(catalog.lena)
    for n in range(2):
        run = upload(lena, catalog, "file", f"t{n}.csv", b"id,Kuerzel\n1,ab\n")
        lena.post(run)
    with tenant_scope(catalog.tenant.pk):
        first, second = (Dataset.objects.get(name=f"t{n}") for n in range(2))
        field = first.fields.get(name="Kuerzel")
    page = first.get_absolute_url()
    lena.post(f"{page}fields/{field.pk}/", {"classification": "confidential"})
    assert f"{page}fields/{field.pk}/alike/" in text(lena.get(page))
    shown = text(lena.get(f"{page}fields/{field.pk}/alike/"))
    assert "t1" in shown
    assert "Tag 1 field" in shown
    lena.post(f"{page}fields/{field.pk}/alike/")
    with tenant_scope(catalog.tenant.pk):
        other = second.fields.select_related("classification").get(name="Kuerzel")
        batch = TagBatch.objects.get()
    assert other.classification.code == "confidential"
    assert "Take it back" in text(lena.get(second.get_absolute_url()))
    answer = lena.post(f"/data/tagged/{batch.pk}/undo/")
    assert answer["Location"] == second.get_absolute_url()
    with tenant_scope(catalog.tenant.pk):
        assert DatasetField.objects.get(pk=other.pk).classification is None
    assert "Take it back" not in text(lena.get(second.get_absolute_url()))
    assert lena.post(f"/data/tagged/{batch.pk}/undo/").status_code == 409


def test_a_contract_is_downloaded_as_it_came(catalog: Cast, as_: Callable[[User], Client]) -> None:
    lena = as_(catalog.lena)
    lena.post(upload(lena, catalog, "odcs", "full.yaml", FULL_EXAMPLE))
    with tenant_scope(catalog.tenant.pk):
        page = Dataset.objects.get(name="receivers").get_absolute_url()
    answer = lena.get(f"{page}contract/")
    assert answer["Content-Disposition"].endswith('.odcs.yaml"')
    assert "Receivers Master Data" in text(answer)
    mia = as_(catalog.mia)
    assert mia.get(f"{page}contract/").status_code == 403
    assert "Download as a data contract" not in text(mia.get(page))


def test_no_query_more_for_more_rows(catalog: Cast, as_: Callable[[User], Client]) -> None:
    lena = as_(catalog.lena)
    few = upload(lena, catalog, "file", "few.csv", b"a,b\n1,2\n")
    many = upload(lena, catalog, "file", "many.csv", b",".join(b"c%d" % n for n in range(150)) + b"\n")
    for suffix in ("", "map/0/"):
        counts = []
        for run in (few, many):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert lena.get(run + suffix).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1], suffix
        assert counts[0] <= 12, suffix
    for run in (few, many):
        with CaptureQueriesContext(connection) as queries:
            lena.post(run)
        counts.append(len(queries))
    assert counts[-1] <= counts[-2] + 1  # a batch of inserts more at most
