"""A search must not tell what a mask hides: of protected fields of few values nobody may try them out."""

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import App
from identity.models import User
from identity.tenancy import tenant_scope
from runtime.gateway import Query
from tests.cast import Cast
from tests.integration.runtime.test_records import listing
from tests.live_apps import COMPANY, EMAIL, FIELDS, VALUES, add, make_app

UNION, BORN, PAY, CONDITION = "f_union0000", "f_born00000", "f_pay000000", "f_condition"
GUESSED = [
    {"id": UNION, "name": "union", "label": "Union", "type": "choice", "options": ["IG", "Ver"]},
    {"id": BORN, "name": "born", "label": "Born", "type": "date"},
    {"id": PAY, "name": "pay", "label": "Pay", "type": "integer"},
]
HIGH = {
    "id": CONDITION,
    "name": "condition",
    "label": "Condition",
    "type": "choice",
    "options": ["Asthma", "None"],
    "classification": "special",
}


@pytest.fixture
def app(committed_cast: Cast) -> App:
    made = [{**one, "classification": "pii"} for one in GUESSED]
    fields = [one for one in FIELDS if one["id"] in {EMAIL, COMPANY}]
    app = make_app(committed_cast.lena, fields=[*fields, *made, HIGH])
    add(app, committed_cast.mia, **{UNION: "IG", BORN: "1990-05-17", PAY: 4200, CONDITION: "Asthma"})
    return app


@pytest.mark.parametrize("guess", ["IG", "1990-05-17", "4200"])
def test_values_are_not_to_be_tried_out_by_who_sees_them_masked(
    app: App, committed_cast: Cast, guess: str
) -> None:
    with tenant_scope(app.tenant_id):
        assert listing(app, committed_cast.mia, Query(text=guess)).count == 0
        assert listing(app, committed_cast.mia, Query(text=VALUES[EMAIL])).count == 1
        assert listing(app, committed_cast.omar, Query(text=guess)).count == 1, "he may reveal them anyway"


def test_what_takes_a_second_factor_to_see_is_searched_for_nobody(app: App, committed_cast: Cast) -> None:
    with tenant_scope(app.tenant_id):
        assert listing(app, committed_cast.omar, Query(text="Asthma")).count == 0


def test_the_page_says_what_it_does_not_search(
    app: App, committed_cast: Cast, browse: Callable[[User], Client]
) -> None:
    page = browse(committed_cast.mia).get("/apps/leads/leads/").content.decode()
    assert "could be guessed: Union, Born, Pay, Condition." in " ".join(page.split())
    page = browse(committed_cast.omar).get("/apps/leads/leads/").content.decode()
    assert "could be guessed: Condition." in " ".join(page.split())
