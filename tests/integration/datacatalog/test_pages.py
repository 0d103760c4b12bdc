"""The catalog's pages over HTTP: whole without htmx, in parts with it, and no query more for more rows."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from datacatalog import selectors, services
from datacatalog.models import (
    Dataset,
    DatasetField,
    Disposal,
    ImportRun,
    LegalHold,
    Region,
)
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from tests.cast import Cast
from tests.integration.datacatalog.conftest import ADVENTURE_WORKS, SMALL, eu

LIST, IMPORT = "/data/", "/data/import/"
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


def load(cast: Cast, content: bytes = SMALL) -> None:
    with tenant_scope(cast.tenant.pk):
        services.import_contract(by=cast.lena, file_name="c.yaml", content=content, region=eu())


def dataset(cast: Cast, name: str = "people") -> Dataset:
    with tenant_scope(cast.tenant.pk):
        return Dataset.objects.get(name=name)


def field(cast: Cast, name: str) -> DatasetField:
    with tenant_scope(cast.tenant.pk):
        return DatasetField.objects.select_related("classification").get(name=name)


def upload(client: Client, cast: Cast, content: bytes, **more: str) -> HttpResponse:
    with tenant_scope(cast.tenant.pk):
        region = eu().pk
    file = SimpleUploadedFile("contract.yaml", content)
    return client.post(IMPORT, {"kind": "odcs", "file": file, "region": region} | more)


def test_upload_preview_import_confirm(catalog: Cast, as_: Callable[[User], Client]) -> None:
    browser = as_(catalog.lena)
    assert "No datasets yet" in text(browser.get(LIST))
    assert IMPORT in text(browser.get(LIST))
    preview = upload(browser, catalog, ADVENTURE_WORKS)
    assert preview.status_code == 302
    page = text(browser.get(preview["Location"]))
    assert "68: 68 new, 0 changed" in page
    assert "456: 456 new, 0 changed" in page
    with tenant_scope(catalog.tenant.pk):
        assert not Dataset.objects.exists()
    done = browser.post(preview["Location"])
    assert done.status_code == 302
    page = text(browser.get(done["Location"]))
    assert "Imported" in page
    assert "1–25 of 68" in page
    person = dataset(catalog, "person")
    page = text(browser.get(person.get_absolute_url()))
    assert "13 fields are untagged" in page
    assert "Suggested: PII – it is called “firstname”" in page
    assert browser.post(f"{person.get_absolute_url()}confirm/").status_code == 302
    page = text(browser.get(person.get_absolute_url()))
    assert "Every field is tagged" in page
    assert "confirmed by Lena Marsh" in page


def test_a_broken_file_is_told_by_line(catalog: Cast, as_: Callable[[User], Client]) -> None:
    browser = as_(catalog.lena)
    answer = upload(browser, catalog, SMALL.replace(b"logicalType: date", b"logicalType: dat"))
    page = text(browser.get(answer["Location"]))
    assert "1 problem: nothing was imported" in page
    assert 'class="number">10<' in page
    assert "“dat” is not known here" in page
    assert browser.post(answer["Location"]).status_code == 409
    hostile = b"a: <script>alert(1)</script>\napiVersion: <b>\n"
    answer = upload(browser, catalog, hostile)
    assert "<b>" not in text(browser.get(answer["Location"]))


@pytest.mark.parametrize("content", [b"", b"x" * (4 * 1024 * 1024 + 1)])
def test_an_empty_or_oversized_file_is_refused_by_the_form(
    catalog: Cast, as_: Callable[[User], Client], content: bytes
) -> None:
    answer = upload(as_(catalog.lena), catalog, content)
    assert answer.status_code == 422
    with tenant_scope(catalog.tenant.pk):
        assert not ImportRun.objects.exists()


def test_another_tenants_region_cannot_be_chosen(catalog: Cast, as_: Callable[[User], Client]) -> None:
    with tenant_scope(catalog.other.pk):
        foreign = eu().pk
    answer = upload(as_(catalog.lena), catalog, SMALL, region=str(foreign))
    assert answer.status_code == 422


def test_one_field_with_htmx_and_without(catalog: Cast, as_: Callable[[User], Client]) -> None:
    load(catalog)
    browser, page = as_(catalog.lena), dataset(catalog).get_absolute_url()
    email = field(catalog, "work_email")
    address = f"{page}fields/{email.pk}/"
    lower = browser.post(address, {"classification": "internal"}, headers=HTMX)
    assert lower.status_code == 422
    assert "<html" not in text(lower)
    assert "Internal is lower than what is suggested for work_email. Say why." in text(lower)
    assert f'id="reason-{email.pk}"' in text(lower)
    whole = browser.post(address, {"classification": "internal"})
    assert whole.status_code == 422
    assert "<html" in text(whole)
    assert field(catalog, "work_email").classification is None
    sent = {"classification": "internal", "reason": "Shared mailboxes only"}
    saved = browser.post(address, sent, headers=HTMX)
    assert saved.status_code == 200
    assert "Lower than suggested: Shared mailboxes only" in text(saved)
    assert "HX-Request" in saved["Vary"]
    again = browser.post(address, {"classification": "pii"})
    assert (again.status_code, again["Location"]) == (302, page)
    assert field(catalog, "work_email").classification.code == "pii"
    assert browser.post(address, {"classification": ""}).status_code == 422


def test_search_finds_datasets_by_their_fields(catalog: Cast, as_: Callable[[User], Client]) -> None:
    load(catalog)
    browser = as_(catalog.mia)
    found = text(browser.get(LIST, {"q": "birth"}, headers=HTMX))
    assert "<html" not in found
    assert "people" in found
    assert "rooms" not in found
    back = browser.get(LIST, {"q": "birth"}, headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in text(back)
    assert "No dataset found" in text(browser.get(LIST, {"q": "nothing like it"}))
    assert "No dataset found" in text(browser.get(LIST, {"origin": "app"}))
    with tenant_scope(catalog.tenant.pk):
        services.confirm_suggestions(by=catalog.lena, dataset=Dataset.objects.get(name="rooms"))
    assert "rooms" not in text(browser.get(LIST, {"untagged": "on"}))


def test_who_may_what(catalog: Cast, as_: Callable[[User], Client]) -> None:
    load(catalog)
    page = dataset(catalog).get_absolute_url()
    for person, allowed in [
        (catalog.lena, True),
        (catalog.omar, True),
        (catalog.sana, True),
        (catalog.ada, True),
        (catalog.mia, False),
        (catalog.theo, False),
    ]:
        browser = as_(person)
        assert browser.get(LIST).status_code == 200
        assert (IMPORT in text(browser.get(LIST))) is allowed
        assert ("Confirm all suggestions" in text(browser.get(page))) is allowed
        assert browser.get(IMPORT).status_code == (200 if allowed else 403)
        if not allowed:
            assert upload(browser, catalog, SMALL).status_code == 403
            assert browser.post(f"{page}confirm/").status_code == 403


def test_another_tenants_dataset_is_as_missing_as_none(catalog: Cast, as_: Callable[[User], Client]) -> None:
    load(catalog)
    theirs = dataset(catalog).get_absolute_url()
    browser = as_(catalog.nils)
    for path in (theirs, f"/data/{uuid.uuid4()}/"):
        assert browser.get(path).status_code == 404
        assert browser.post(f"{path}confirm/").status_code == 404
    with tenant_scope(catalog.tenant.pk):
        run = ImportRun.objects.get()
    assert browser.get(f"{IMPORT}{run.pk}/").status_code == 404


def _many(cast: Cast, first: int, last: int) -> None:
    with tenant_scope(cast.tenant.pk):
        region: Region = eu()
        made = Dataset.objects.bulk_create(
            Dataset(
                tenant_id=cast.tenant.pk,
                name=f"d{n:04}",
                title=f"d{n:04}",
                region=region,
                origin="odcs",
                contract_id="many",
                owner=cast.lena,
            )
            for n in range(first, last)
        )
        DatasetField.objects.bulk_create(
            DatasetField(
                tenant_id=cast.tenant.pk,
                dataset=row,
                position=0,
                name="email",
                label="email",
                type="email",
                suggestion={"classification": "pii", "reason": "type", "params": {}},
            )
            for row in made
        )


def _queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(path).status_code == 200
    return len(caught)


def test_queries_do_not_grow_with_rows(catalog: Cast, as_: Callable[[User], Client]) -> None:
    browser = as_(catalog.lena)
    _many(catalog, 0, 10)
    page = dataset(catalog, "d0001")
    paths = [LIST, f"{LIST}?q=d0", IMPORT, page.get_absolute_url()]
    few = [_queries(browser, path) for path in paths]
    _many(catalog, 10, 1000)
    with tenant_scope(catalog.tenant.pk):
        DatasetField.objects.bulk_create(
            DatasetField(
                tenant_id=catalog.tenant.pk,
                dataset=page,
                position=n,
                name=f"f{n}",
                label=f"f{n}",
                type="text",
            )
            for n in range(1, 1000)
        )
    assert [_queries(browser, path) for path in paths] == few
    assert max(few) <= 12


def _many_disposals(cast: Cast, count: int) -> None:
    with tenant_scope(cast.tenant.pk):
        Disposal.objects.bulk_create(
            Disposal(
                tenant_id=cast.tenant.pk,
                dataset=uuid7(),
                dataset_title=f"d{n}",
                fields=["f_a", "f_b"],
                days=30,
                cutoff=timezone.now(),
            )
            for n in range(count)
        )
        LegalHold.objects.bulk_create(
            LegalHold(tenant_id=cast.tenant.pk, title=f"h{n}", reason="Court", placed_by=cast.sana)
            for n in range(count)
        )


def test_queries_of_retention_do_not_grow_with_rows(catalog: Cast, as_: Callable[[User], Client]) -> None:
    browser = as_(catalog.sana)
    paths = [f"/data/retention/{part}" for part in ("", "holds/", "deleted/")]
    _many_disposals(catalog, 10)
    few = [_queries(browser, path) for path in paths]
    _many_disposals(catalog, 1000)
    assert [_queries(browser, path) for path in paths] == few
    assert max(few) <= 12


def test_the_wizards_look_ups_take_one_query(catalog: Cast, django_assert_num_queries) -> None:
    _many(catalog, 0, 60)
    with tenant_scope(catalog.tenant.pk):
        with django_assert_num_queries(1):
            found = selectors.search_fields("d00 email")
            assert len(found) == selectors.MAX_FOUND
            assert {(row.dataset.title[:2], row.dataset.region.code) for row in found} == {("d0", "eu")}
        with django_assert_num_queries(1):
            assert len(selectors.fields_by_id(row.pk for row in found)) == len(found)
        assert selectors.search_fields("email", tagged_only=True) == []
