"""The wizard's pages without a browser: saved, shown in part or whole, kept to its builder."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.importing import field_from
from catalog.models import AppVersion, Draft
from catalog.states import VersionState
from catalog.templates import registry
from catalog.vocabulary import vocabulary
from datacatalog.models import Classification, Dataset, DatasetField, Region
from identity.models import User
from identity.tenancy import tenant_scope
from tests import apps
from tests.cast import Cast

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def seeded(cast: Cast) -> None:
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)


@pytest.fixture
def lena(cast: Cast, client: Client) -> Client:
    return signed_in(client, cast.lena)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="identity.backends.DirectoryBackend")
    return client


@pytest.fixture
def inside(cast: Cast) -> Iterator[None]:
    with tenant_scope(cast.tenant.pk):
        yield


def begun(lena: Client, template: str = apps.PERSONAL) -> Draft:
    answer = lena.post(reverse("catalog:begin"), {"template": template})
    assert answer.status_code == 302
    return the_draft()


def the_draft() -> Draft:
    draft = Draft.objects.first() or _seen()
    assert draft
    return draft


def _seen() -> Draft | None:
    from identity.models import Tenant  # only where no scope is open

    with tenant_scope(Tenant.objects.get(slug="contoso").pk):
        return Draft.objects.first()


def url(draft: Draft, key: str) -> str:
    return reverse("catalog:step", args=[draft.pk, key])


def form_of(page: str) -> dict[str, Any]:
    """What a browser would send of the step's form, from its HTML."""
    form = page[page.index('id="step-form"') :].partition("</form>")[0]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        if 'type="checkbox"' in tag and " checked" not in tag:
            continue
        if name and 'type="search"' not in tag:
            sent.setdefault(name, []).append(value or "")
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', body)
        sent[name] = [chosen.group(1) if chosen else ""]
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL):
        sent[name] = [body]
    return sent


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found.group(1) if found else None


def shown(client: Client, draft: Draft, key: str) -> str:
    answer = client.get(url(draft, key))
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def send(client: Client, draft: Draft, key: str, *, part: bool = False, **more: Any) -> Any:
    """The step's form as it is shown, with changes, posted."""
    data = form_of(shown(client, draft, key)) | {
        name.replace("__", "-"): value for name, value in more.items()
    }
    return client.post(url(draft, key), data, headers=HTMX if part else {})


def test_the_main_road_without_script(lena: Client, cast: Cast) -> None:
    draft = begun(lena, apps.LOW_RISK)
    assert send(lena, draft, "purpose", title="Team board", do="continue").url == url(draft, "fields")
    assert send(lena, draft, "fields", do="continue").url == url(draft, "access")
    send(lena, draft, "access", groups=["Marketing"])
    answer = send(
        lena, draft, "access", **{"groups": ["Marketing"], "role-viewer": ["Marketing"], "do": "continue"}
    )
    assert answer.url == url(draft, "preview")
    assert "3 gain it, 0 lose it, 3 will hold it" in shown(lena, draft, "access")
    assert "Live as soon as it is submitted" in shown(lena, draft, "submit")
    answer = send(lena, draft, "submit", do="submit")
    assert answer.url == "/build/app/team-board/"
    with tenant_scope(cast.tenant.pk):
        version = AppVersion.objects.get()
        assert version.state == VersionState.LAUNCHING
        assert version.parsed.roles[0].groups == ("Marketing",)
    page = lena.get(answer.url).content.decode()
    assert "is going live" in page


def test_a_change_saves_and_answers_with_the_step_alone(lena: Client, cast: Cast) -> None:
    draft = begun(lena)
    answer = send(lena, draft, "purpose", part=True, title="Spring leads")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.lstrip().startswith('<div id="wizard"')
    with tenant_scope(cast.tenant.pk):
        draft.refresh_from_db()
    assert draft.title == "Spring leads"
    assert draft.content["metadata"]["name"] == "spring-leads"
    assert f'name="revision" value="{draft.revision}"' in text


def test_an_added_field_blocks_until_it_is_tagged(lena: Client) -> None:
    draft = begun(lena)
    text = send(lena, draft, "fields", part=True, do="add").content.decode()
    draft = the_draft_again(draft)
    field = draft.content["datasets"][0]["fields"][-1]
    text = send(
        lena,
        draft,
        "fields",
        part=True,
        **{f"{field['id']}-label": "Date of birth", f"{field['id']}-type": "date"},
    ).content.decode()
    assert "Cannot be submitted yet" in text
    assert "Choose a classification. Untagged fields cannot be submitted." in text
    assert "Tag as PII" in text
    assert "name contains" in text
    assert "<code>date_of_birth</code>" in text
    text = send(lena, draft, "fields", part=True, do=f"tag:{field['id']}:pii").content.decode()
    assert "Choose a classification. Untagged" not in text


def the_draft_again(draft: Draft) -> Draft:
    with tenant_scope(draft.tenant_id):
        return Draft.objects.get(pk=draft.pk)


def test_a_downgrade_asks_for_a_reason(lena: Client) -> None:
    draft = begun(lena)
    email = draft.content["datasets"][0]["fields"][0]["id"]
    text = send(lena, draft, "fields", part=True, **{f"{email}-classification": "internal"}).content.decode()
    assert "Why lower than suggested?" in text
    assert "Cannot be submitted yet" in text
    send(lena, draft, "fields", part=True, **{f"{email}-downgrade_reason": "A shared mailbox, no person"})
    field = the_draft_again(draft).content["datasets"][0]["fields"][0]
    assert field["downgrade_reason"] == "A shared mailbox, no person"
    text = send(lena, draft, "fields", part=True, **{f"{email}-classification": "pii"}).content.decode()
    assert "Why lower than suggested?" not in text
    assert the_draft_again(draft).content["datasets"][0]["fields"][0]["downgrade_reason"] == ""


def test_fields_move_and_go(lena: Client) -> None:
    draft = begun(lena)
    ids = [field["id"] for field in draft.content["datasets"][0]["fields"]]
    send(lena, draft, "fields", do=f"down:{ids[0]}")
    send(lena, draft, "fields", do=f"remove:{ids[2]}")
    left = [field["id"] for field in the_draft_again(draft).content["datasets"][0]["fields"]]
    assert left == [ids[1], ids[0], *ids[3:]]


def test_fields_come_from_the_data_catalog_with_their_suggestions(lena: Client, cast: Cast) -> None:
    draft = begun(lena)
    with tenant_scope(cast.tenant.pk):
        dataset = Dataset.objects.create(
            tenant=cast.tenant,
            name="emailaddress",
            title="emailaddress",
            region=Region.objects.get(code="eu"),
            origin="odcs",
        )
        row = DatasetField.objects.create(
            tenant=cast.tenant,
            dataset=dataset,
            position=0,
            name="emailaddress",
            label="Email address",
            type="email",
            suggestion={"classification": "pii", "reason": "type", "params": {}, "confidence": 0.9},
        )
    page = reverse("catalog:take-fields", args=[draft.pk])
    found = lena.get(page, {"q": "email"}).content.decode()
    assert "Email address" in found
    assert "not tagged yet" in found
    assert lena.post(page, {"field": [str(row.pk)], "q": "email"}).status_code == 302
    taken = the_draft_again(draft).content["datasets"][0]["fields"][-1]
    assert taken["source"] == {"dataset": str(dataset.pk), "field": str(row.pk)}
    assert (taken["classification"], taken["residency"]) == ("", "eu")
    assert taken["suggestion"]["classification"] == "pii"
    assert taken["retention_days"] == 180, "as short as the template keeps such a field"


@pytest.mark.parametrize(
    ("own", "tag", "bounds", "days"),
    [
        (90, "pii", {}, 90),
        (None, "pii", {}, 180),
        (None, "pii", {"retention_max_days": 30}, 30),
        (None, "internal", {"retention_min_days": 2000}, 2000),
        (None, "confidential", {}, 180),
        (None, None, {}, 180),
    ],
)
def test_a_field_of_the_data_catalog_is_kept_as_long_as_itself_the_template_or_its_class_says(
    cast: Cast, inside: None, own: int | None, tag: str | None, bounds: dict[str, int], days: int
) -> None:
    region = Region.objects.get(code="eu")
    Classification.objects.filter(code=tag).update(**bounds or {"retention_min_days": None})
    row = DatasetField(
        tenant=cast.tenant,
        dataset=Dataset(tenant=cast.tenant, region=region),
        name="phone",
        label="Phone",
        type="phone",
        retention_days=own,
        classification=Classification.objects.get(code=tag) if tag else None,
    )
    made = field_from(row, registry()[apps.PERSONAL], vocabulary())
    assert made["retention_days"] == days


def test_another_window_is_told_that_it_is_behind(lena: Client) -> None:
    draft = begun(lena)
    old = form_of(shown(lena, draft, "purpose"))
    send(lena, draft, "purpose", title="First")
    answer = lena.post(url(draft, "purpose"), old | {"title": "Second"})
    assert answer.status_code == 409
    assert the_draft_again(draft).title == "First"


@pytest.mark.parametrize("key", ["template", "purpose", "fields", "access", "preview", "submit"])
def test_every_step_can_be_opened_at_any_time(lena: Client, key: str) -> None:
    draft = begun(lena)
    assert "step-form" in shown(lena, draft, key)


def test_a_draft_is_nobody_elses(lena: Client, cast: Cast) -> None:
    draft = begun(lena)
    for user, status in ((cast.omar, 404), (cast.ada, 404), (cast.nils, 404)):
        other = signed_in(Client(), user)
        assert other.get(url(draft, "fields")).status_code == status
        assert other.post(reverse("catalog:discard", args=[draft.pk])).status_code == status
    assert signed_in(Client(), cast.mia).get(reverse("catalog:begin")).status_code == 403
    assert Client().get(url(draft, "fields")).status_code == 302


def test_discarding_takes_the_draft_away(lena: Client, cast: Cast) -> None:
    draft = begun(lena)
    assert lena.post(reverse("catalog:discard", args=[draft.pk])).url == reverse("catalog:my-apps")
    with tenant_scope(cast.tenant.pk):
        assert not Draft.objects.exists()


def test_a_hostile_post_is_stored_as_text_or_not_at_all(lena: Client) -> None:
    draft = begun(lena)
    field = draft.content["datasets"][0]["fields"][0]["id"]
    answer = send(
        lena,
        draft,
        "fields",
        part=True,
        **{
            f"{field}-label": "<script>alert(1)</script>",
            f"{field}-type": "jsonb",
            f"{field}-retention_days": "9" * 40,
            "do": "tag:nothing:root",
        },
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in text
    kept = the_draft_again(draft).content["datasets"][0]["fields"][0]
    assert (kept["type"], kept["retention_days"]) == ("email", 365)


def test_connectors_roles_and_limits_cannot_be_posted(lena: Client, inside: None) -> None:
    draft = begun(lena)
    data = {"connectors": "crm: *", "guardrails": "none", "locked": "", "identity": "password"}
    send(lena, draft, "purpose", part=True, **data)
    assert set(the_draft_again(draft).content) == {"metadata", "hosting", "datasets", "access"}


def test_app_and_version_pages(lena: Client, cast: Cast) -> None:
    with tenant_scope(cast.tenant.pk):
        version = apps.submitted(cast.lena)
    page = lena.get("/build/app/spring-leads/").content.decode()
    assert "Version 1" in page
    assert f"/approvals/{version.request}/" in page
    assert "Waiting for approval" in page
    page = lena.get("/build/app/spring-leads/versions/1/").content.decode()
    assert version.digest in page
    assert "Waiting for approval" in lena.get(reverse("catalog:my-apps")).content.decode()
    assert signed_in(Client(), cast.omar).get("/build/app/spring-leads/").status_code == 200
    assert signed_in(Client(), cast.mia).get("/build/app/spring-leads/").status_code == 404
    assert signed_in(Client(), cast.vera).get("/build/app/spring-leads/").status_code == 404
    assert lena.get("/build/app/spring-leads/versions/7/").status_code == 404
    assert lena.get(f"/build/{uuid.uuid4()}/fields/").status_code == 404
