"""Pages of data subjects' requests: no query more for more rows."""

from collections.abc import Callable

from django.test import Client

from datacatalog.models import SubjectFinding, SubjectRequest
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from tests.cast import Cast
from tests.integration.datacatalog.test_pages import _queries, as_, text

__all__ = ["as_"]  # a fixture


def _many_subjects(cast: Cast, count: int) -> None:
    with tenant_scope(cast.tenant.pk):
        made = SubjectRequest.objects.bulk_create(
            SubjectRequest(
                tenant_id=cast.tenant.pk,
                kind="erasure",
                reference=f"DSR-{n}",
                sealed=b"sealed",
                asked_by=cast.sana,
            )
            for n in range(count)
        )
        SubjectFinding.objects.bulk_create(
            SubjectFinding(
                tenant_id=cast.tenant.pk,
                subject_request=made[0],
                dataset=uuid7(),
                dataset_title=f"d{n}",
                app=uuid7(),
                records=1,
            )
            for n in range(count)
        )


def test_queries_of_rights_do_not_grow_with_rows(catalog: Cast, as_: Callable[[User], Client]) -> None:
    browser = as_(catalog.theo)
    _many_subjects(catalog, 5)
    with tenant_scope(catalog.tenant.pk):
        one = SubjectRequest.objects.get(reference="DSR-0")
    paths = ["/data/rights/", "/data/rights/?kind=erasure&state=found", one.get_absolute_url()]
    few = [_queries(browser, path) for path in paths]
    _many_subjects(catalog, 500)
    assert [_queries(browser, path) for path in paths] == few
    assert max(few) <= 12
    assert "1–25 of 505" in text(browser.get(paths[1]))
    assert "No such request" in text(browser.get("/data/rights/?kind=access"))
