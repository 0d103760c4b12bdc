"""A person is found across apps, taken out and erased, with proof; what is held stays (D6)."""

import pytest

from catalog.models import App
from datacatalog.states import SubjectState
from tests import rights
from tests.cast import Cast
from tests.integration.runtime.test_retention import DAYS, app_with, rows
from tests.live_apps import add
from tests.rights import MAIL, PERSON, PHONE


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return app_with(committed_cast.lena, DAYS)


@pytest.mark.parametrize("identifier", [MAIL, PHONE, PERSON], ids=["mail", "phone", "name"])
def test_a_person_is_found_however_he_is_written(committed_cast: Cast, app: App, identifier) -> None:
    add(app, committed_cast.mia)
    add(app, committed_cast.mia, f_test0000="other@example.org", f_test0001="Other", f_test0002="+4930999999")
    row = rights.search(committed_cast.ada, identifiers=[identifier])
    assert rights.found(row) == {"Leads": 1}


def test_from_the_search_to_the_certificate(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    mine, other = add(app, cast.mia), add(app, cast.mia, f_test0000="other@example.org")
    row = rights.asked(rights.search(cast.ada), cast.ada)
    assert row.state == SubjectState.WAITING
    rights.erased(row)
    assert set(rows(app)) == {mine, other}, "nothing goes before somebody else has said yes"
    row = rights.erased(rights.approved(row, cast.sana))
    assert set(rows(app)) == {other}
    assert (row.state, row.sealed) == (SubjectState.DONE, None)
    assert row.certificate
