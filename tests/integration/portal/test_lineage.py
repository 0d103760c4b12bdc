"""Lineage: from a contract's field to apps, exports and people, and what another class would change (D7)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import impact
from catalog.models import App
from catalog.specs import published
from catalog.vocabulary import vocabulary
from datacatalog import services
from datacatalog.models import Classification, Dataset, DatasetField, Region
from datacatalog.services.scheme import seed_scheme
from identity.models import User
from identity.tenancy import tenant_scope
from policy.outcome import Tier
from portal.lineage_drawing import draw
from runtime.lineage import graph_of, went_to
from runtime.models import Export
from runtime.states import ExportState
from tests.cast import Cast
from tests.integration.runtime.test_exports import approve, ask, run
from tests.live_apps import COMPANY, EMAIL, FIELDS, SOURCE, add, live_of, make_app
from tests.scene import sign_in

EVERY = frozenset(field["id"] for field in FIELDS)


@pytest.fixture
def source(committed_cast: Cast) -> DatasetField:
    """The field of a contract that apps take."""
    lena = committed_cast.lena
    with tenant_scope(lena.tenant_id):
        seed_scheme(by=lena, tenant=lena.tenant_id)
        dataset = Dataset.objects.create(
            tenant_id=lena.tenant_id,
            name="customers",
            title="Customers",
            region=Region.objects.get(code="eu"),
            origin="odcs",
            contract_id="crm",
        )
        return DatasetField.objects.create(
            tenant_id=lena.tenant_id,
            dataset=dataset,
            position=0,
            name="email",
            label="E-mail",
            type="email",
            classification=Classification.objects.get(code="pii"),
            confirmed_by=lena,
            confirmed_at=timezone.now(),
        )


def taking(
    owner: User,
    source: DatasetField,
    slug: str = "leads",
    field: str = EMAIL,
    keeping: frozenset[str] = EVERY,
) -> App:
    """A live app whose field was taken from there."""
    origin = {"dataset": str(source.dataset_id), "field": str(source.pk)}
    fields: list[dict[str, Any]] = [
        {**one, "source": origin} if one["id"] == field else one for one in FIELDS if one["id"] in keeping
    ]
    app = make_app(owner, slug=slug, fields=fields)
    with tenant_scope(owner.tenant_id):
        live = live_of(app)
        for one in live.manifest.datasets:
            services.publish_app_dataset(
                by=owner,
                app=app.pk,
                name=one.key,
                title=one.title,
                region="eu",
                fields=published(one),
                dataset_id=live.dataset(one.key).id,
            )
    return app


def exported(app: App, cast: Cast, *fields: str) -> Export:
    """A copy of these fields has left."""
    export = ask(app, cast.mia, fields=list(fields))
    if export.state == ExportState.WAITING:
        approve(export, cast.omar, cast.sana)
    return run(export)


def test_from_the_contract_to_the_place(committed_cast: Cast, source: DatasetField) -> None:
    cast, app = committed_cast, taking(committed_cast.lena, source)
    add(app, cast.mia)
    exported(app, cast, EMAIL)
    exported(app, cast, COMPANY)
    with tenant_scope(cast.tenant.pk):
        graph = graph_of(source.dataset)
        titles = {key: (node.column, node.title) for key, node in graph.nodes.items()}
        assert sorted(titles.values()) == [
            (0, "Customers"), (1, "Leads"), (2, "Spring leads"), (3, "European Union"),
        ]  # fmt: skip
        told = [
            (titles[one.start][1], titles[one.end][1], one.fields, one.times, one.rows) for one in graph.edges
        ]
        assert told == [
            ("Customers", "Leads", 1, 0, 0),
            ("Leads", "Spring leads", 0, 0, 0),
            ("Spring leads", "European Union", 0, 2, 2),
        ]
        assert [one.fields for one in went_to(source)] == [[EMAIL]], "the other copy did not hold it"
        seen_from_the_app = graph_of(Dataset.objects.get(app=app.pk))
        assert set(seen_from_the_app.nodes) == set(graph.nodes)


def test_another_tenants_data_is_in_no_graph(committed_cast: Cast, source: DatasetField) -> None:
    taking(committed_cast.nils, source, slug="theirs")
    with tenant_scope(committed_cast.tenant.pk):
        assert list(graph_of(source.dataset).nodes) == [str(source.dataset_id)]
    with tenant_scope(committed_cast.other.pk):
        assert not DatasetField.objects.exclude(source=None).exists(), (
            "nor is a field of another tenant taken"
        )


def test_the_drawing_keeps_boxes_apart(committed_cast: Cast, source: DatasetField) -> None:
    for slug in ("one", "two", "three"):
        taking(committed_cast.lena, source, slug=slug)
    with tenant_scope(committed_cast.tenant.pk):
        drawing = draw(graph_of(source.dataset))
    places = [(box.x, box.y) for box in drawing.boxes]
    assert len(set(places)) == len(places) == 7
    assert all(box.x + drawing.box_width <= drawing.width for box in drawing.boxes)
    assert all(box.y + drawing.box_height <= drawing.height for box in drawing.boxes)


@pytest.mark.parametrize(
    ("code", "tier", "refused"),
    [
        ("internal", Tier.MANAGER, False),
        ("pii", Tier.MANAGER, False),
        ("health", Tier.MANAGER_THEN_SECURITY, False),
    ],
)
def test_what_another_class_would_change(
    committed_cast: Cast, source: DatasetField, code: str, tier: Tier, refused: bool
) -> None:
    app = taking(committed_cast.lena, source, field=COMPANY, keeping=frozenset({COMPANY, SOURCE}))
    with tenant_scope(committed_cast.tenant.pk):
        [found] = impact.impacts([(app.pk, COMPANY)], code, vocabulary())
    assert found.after.tier is tier
    assert found.newly_refused is refused
    assert found.changes is (found.before.tier is not tier or refused)


def test_the_page_tells_the_change(committed_cast: Cast, source: DatasetField) -> None:
    taking(committed_cast.lena, source, field=COMPANY, keeping=frozenset({COMPANY, SOURCE}))
    page = show(committed_cast.sana, source, "?class=health")
    told = page[page.index('id="impact"') :]
    assert "Spring leads" in told
    assert "security" in told


@pytest.mark.parametrize(("name", "reads"), [("sana", True), ("lena", True), ("mia", False)])
def test_who_reads_whose_copy_it_was(
    committed_cast: Cast, source: DatasetField, name: str, reads: bool
) -> None:
    cast, app = committed_cast, taking(committed_cast.lena, source)
    add(app, cast.mia)
    exported(app, cast, EMAIL)
    if name == "mia":
        with tenant_scope(cast.tenant.pk):
            builders = cast.lena.memberships.get(group__name="Builders").group
            cast.mia.memberships.create(tenant_id=cast.tenant.pk, group=builders)
    page = show(getattr(cast, name), source)
    went = page[page.index('id="went"') : page.index('id="impact"')]
    assert ("Mia Novak" in went) is reads
    assert ("call centre" in went) is reads


def show(user: User, field: DatasetField, query: str = "") -> str:
    client = Client()
    sign_in(client, user)
    answer = client.get(f"/data/{field.dataset_id}/fields/{field.pk}/lineage/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_queries_do_not_grow_with_apps(committed_cast: Cast, source: DatasetField) -> None:
    cast = committed_cast
    client = Client()
    sign_in(client, cast.sana)
    pages = [f"/data/{source.dataset_id}/lineage/", f"/data/{source.dataset_id}/fields/{source.pk}/lineage/"]
    first = taking(cast.lena, source, slug="first")
    add(first, cast.mia)
    exported(first, cast, EMAIL)
    few = [_queries(client, path) for path in pages]
    for number in range(3):
        app = taking(cast.lena, source, slug=f"more-{number}")
        add(app, cast.mia)
        exported(app, cast, EMAIL)
    assert [_queries(client, path) for path in pages] == few


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)
