"""The pages of Django admin on which changes of policy data are asked for and looked at (P7)."""

import re
from typing import Any

import pytest
from django.test import Client

from approvals import services as approvals
from datacatalog.models import Classification, Region
from datacatalog.services.scheme import seed_scheme
from identity.models import Group, Membership, Role, RoleGrant, User
from identity.tenancy import tenant_scope
from policy.models import DataChange, ThresholdSet
from policy.states import ChangeState
from tests.cast import Cast
from tests.data_changes import WHY, change, decide, propose
from tests.scene import sign_in


@pytest.fixture
def ada(committed_cast: Cast) -> Client:
    """Signed in, and the words for data are set up in both tenants."""
    for tenant in (committed_cast.tenant, committed_cast.other):
        with tenant_scope(tenant.pk):
            seed_scheme(by=None, tenant=tenant.pk)
    return signed_in(committed_cast.ada)


def signed_in(person: User) -> Client:
    client = Client()
    sign_in(client, person)
    return client


def page_of(cast: Cast, code: str = "pii") -> str:
    with tenant_scope(cast.tenant.pk):
        return f"/admin/datacatalog/classification/{Classification.objects.get(code=code).pk}/change/"


def filled(client: Client, path: str, **changes: str | None) -> dict[str, str]:
    """The form as the page shows it, with these changes and a reason."""
    html = client.get(path).content.decode()
    form = html[
        html.index("<form", html.index('id="content-main"')) : html.index("</form>", html.index('_form"'))
    ]
    data = dict(re.findall(r'<input type="(?:text|number|hidden)" name="(\w+)" value="([^"]*)"', form))
    for box in re.findall(r"<input type=\"checkbox\"[^>]*>", form):
        if " checked" in box:
            data[str(re.search(r'name="(\w+)"', box)[1])] = "on"  # type: ignore[index]
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        data[name] = chosen[1] if chosen else ""
    said = {"reason": WHY, **changes}
    return {name: value for name, value in {**data, **said}.items() if value is not None}


def refusals(answer: Any) -> list[str]:
    found = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', answer.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", one).strip() for one in found]


def test_a_saved_form_is_a_wish(committed_cast: Cast, ada: Client) -> None:
    cast, path = committed_cast, page_of(committed_cast)
    answer = ada.post(path, filled(ada, path, level="4"))
    with tenant_scope(cast.tenant.pk):
        row = DataChange.objects.get()
        assert Classification.objects.get(code="pii").level == 3
    assert (row.kind, row.object, row.reason, row.asked_by_id) == ("classification", "pii", WHY, cast.ada.pk)
    assert row.before == {**(row.after or {}), "level": 3}
    assert answer["Location"] == row.get_absolute_url()
    shown = ada.get(answer["Location"]).content.decode()
    assert "Level: 3 → 4" in shown
    assert f"/approvals/{row.request}/" in shown
    assert "second person from security" in shown


def test_the_page_shows_what_waits_and_takes_no_second_wish(committed_cast: Cast, ada: Client) -> None:
    path = page_of(committed_cast)
    data = filled(ada, path, level="5")
    propose(committed_cast.ada, "classification", "pii", level=2)
    shown = ada.get(path).content.decode()
    assert "A change waits for approval" in shown
    assert "Less protection than before" in shown
    assert "Ask for the change" not in shown
    answer = ada.post(path, data)
    assert answer.status_code == 200
    assert "waits for approval already" in refusals(answer)[0]


def test_each_refusal_stands_at_its_field(committed_cast: Cast, ada: Client) -> None:
    path = page_of(committed_cast)
    for changes, text in (
        ({"mask": ""}, "needs a mask"),
        ({"level": "9"}, "Levels go from 0 to 5"),
        ({"retention_min_days": "9000"}, "longer than the longest"),
        ({"reason": ""}, "required"),
        ({"reason": "why"}, "Say why"),
        ({}, "Nothing of it is changed"),
        ({"seen": "0" * 64, "level": "4"}, "since you opened"),
    ):
        answer = ada.post(path, filled(ada, path, **changes))
        assert answer.status_code == 200
        assert any(text in one for one in refusals(answer)), (changes, refusals(answer))
    with tenant_scope(committed_cast.tenant.pk):
        assert not DataChange.objects.exists()


def test_a_code_stays_as_it_was_made(committed_cast: Cast, ada: Client) -> None:
    path = page_of(committed_cast)
    ada.post(path, filled(ada, path, code="other", level="4"))
    with tenant_scope(committed_cast.tenant.pk):
        assert DataChange.objects.get().object == "pii"


def test_a_new_region_and_its_end(committed_cast: Cast, ada: Client) -> None:
    cast, path = committed_cast, "/admin/datacatalog/region/add/"
    there = filled(ada, path, code="us", title="Again", jurisdiction="us", provider="x")
    assert "since you opened" in refusals(ada.post(path, there))[0]
    data = filled(
        ada, path, code="ch", title="Switzerland", jurisdiction="ch", provider="own", sovereign="on"
    )
    ada.post(path, data)
    with tenant_scope(cast.tenant.pk):
        row = DataChange.objects.get()
        assert not Region.objects.filter(code="ch").exists()
    assert row.before is None
    assert row.after == {"title": "Switzerland", "jurisdiction": "ch", "sovereign": True, "provider": "own"}
    decide(row, cast.sana)
    with tenant_scope(cast.tenant.pk):
        page = f"/admin/datacatalog/region/{Region.objects.get(code='ch').pk}/change/"
    ada.post(page, filled(ada, page, remove="on"))
    with tenant_scope(cast.tenant.pk):
        wish = DataChange.objects.get(state=ChangeState.IN_REVIEW)
    assert wish.after is None
    decide(wish, cast.sana)
    with tenant_scope(cast.tenant.pk):
        assert not Region.objects.filter(code="ch").exists()


def test_thresholds_have_one_page(committed_cast: Cast, ada: Client) -> None:
    cast = committed_cast
    path = ada.get("/admin/policy/thresholdset/")["Location"]
    assert path == "/admin/policy/thresholdset/add/"
    answer = ada.post(path, filled(ada, path, protected_level="5"))
    assert any("may not be above" in one for one in refusals(answer))
    ada.post(path, filled(ada, path, protected_level="2"))
    assert "A change waits for approval" in ada.get(path).content.decode()
    with tenant_scope(cast.tenant.pk):
        assert not ThresholdSet.objects.exists()
        waiting = DataChange.objects.get()
        assert waiting.request is not None
        approvals.withdraw(by=cast.ada, request_id=waiting.request)
    change(cast.ada, cast.sana, "thresholds", protected_level=2)
    path = ada.get("/admin/policy/thresholdset/")["Location"]
    assert path.endswith("/change/")
    assert filled(ada, path)["protected_level"] == "2"
    assert ada.get("/admin/policy/thresholdset/add/").status_code == 403
    ada.post(path, filled(ada, path, protected_level="3"))
    with tenant_scope(cast.tenant.pk):
        wish = DataChange.objects.get(state=ChangeState.IN_REVIEW)
    assert (wish.before or {})["protected_level"] == 2


def test_the_list_of_changes_by_state_and_kind(committed_cast: Cast, ada: Client) -> None:
    cast = committed_cast
    change(cast.ada, cast.sana, "classification", "pii", level=4)
    propose(cast.ada, "region", "us", sovereign=True)
    every = ada.get("/admin/policy/datachange/").content.decode()
    assert every.count('class="field-state"') == 2
    for query, code in (("state__exact=in_review", "us"), ("kind=classification", "pii")):
        some = ada.get(f"/admin/policy/datachange/?{query}").content.decode()
        assert re.findall(r'class="field-object">(\w+)<', some) == [code]
    history = ada.get(page_of(cast).replace("/change/", "/history/"))
    assert history["Location"] == "/admin/policy/datachange/?kind=classification&q=pii"


def test_what_no_longer_fits_is_said_on_its_page(committed_cast: Cast, ada: Client) -> None:
    cast = committed_cast
    row = propose(cast.ada, "classification", "pii", level=4)
    assert "cannot take effect" not in ada.get(row.get_absolute_url()).content.decode()
    with tenant_scope(cast.tenant.pk):
        Classification.objects.filter(code="pii").update(mask="hide")
    assert "cannot take effect" in ada.get(row.get_absolute_url()).content.decode()


def test_another_tenants_admin_finds_nothing(committed_cast: Cast, ada: Client) -> None:
    cast = committed_cast
    row = propose(cast.ada, "classification", "pii", level=4)
    with tenant_scope(cast.other.pk):
        group = Group.objects.create(tenant=cast.other, name="Admins")
        RoleGrant.objects.create(tenant=cast.other, group=group, role=Role.ADMIN)
        Membership.objects.create(tenant=cast.other, group=group, user=cast.vera)
    vera = signed_in(cast.vera)
    for path in (row.get_absolute_url(), page_of(cast)):
        assert vera.get(path).status_code == 302, "as for one that does not exist"
        assert vera.post(path, {"level": "0", "reason": WHY, "seen": "0" * 64}).status_code in {302, 403}
    assert 'class="field-state"' not in vera.get("/admin/policy/datachange/").content.decode()
