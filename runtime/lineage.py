"""Where data comes from and where it went: datasets, apps, and the places that exports go to (D7)."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q, QuerySet, Sum

from catalog.models import App
from datacatalog.models import Dataset, DatasetField, Region
from runtime.models import Export
from runtime.states import ExportState

LEFT = (ExportState.READY, ExportState.EXPIRED)  # written once, whatever became of the file
MOST_NODES = 60


@dataclass(frozen=True)
class Node:
    """Something that data is in. `column` is 0 for sources, 1 for stored data, 2 for apps, 3 for places."""

    key: str
    column: int
    title: str
    note: str = ""
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class Edge:
    """Data went from one node to another: `fields` of it, `times` often, last at `last`."""

    start: str
    end: str
    fields: int = 0
    times: int = 0
    rows: int = 0
    last: dt.datetime | None = None


@dataclass
class Graph:
    """Everything one step and more from a dataset; `left_off` tells that there is more than is shown."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    left_off: bool = False

    def add(self, node: Node) -> None:
        """Once, and not beyond what can be drawn."""
        if len(self.nodes) >= MOST_NODES and node.key not in self.nodes:
            self.left_off = True
            return
        self.nodes.setdefault(node.key, node)

    def connect(self, edge: Edge) -> None:
        """If both ends are shown."""
        if edge.start in self.nodes and edge.end in self.nodes:
            self.edges.append(edge)


def graph_of(dataset: Dataset) -> Graph:
    """From where the dataset's fields were taken, which apps took them, and where their exports went."""
    graph = Graph()
    sources = _connected(Q(taken_as__dataset=dataset), "taken_as__dataset", [dataset.pk])
    takers = _connected(Q(source__dataset=dataset), "source__dataset", [dataset.pk])
    graph.add(_dataset(dataset, current=True))
    for other, _known, _count in [*sources, *takers]:
        graph.add(_dataset(other))
    for other, known, count in sources:
        graph.connect(Edge(_key(other.pk), _key(known), fields=count))
    for other, known, count in takers:
        graph.connect(Edge(_key(known), _key(other.pk), fields=count))
    stored = [one for one in [dataset, *(row for row, _known, _count in takers)] if one.app]
    _apps(graph, stored)
    _places(graph, stored)
    return graph


def went_to(field_row: DatasetField) -> QuerySet[Export]:
    """Exports that the field was in, the newest first; of a field that apps took, theirs."""
    taken = DatasetField.objects.filter(Q(pk=field_row.pk) | Q(source=field_row))
    found = Q(pk__in=[])
    for dataset, name in taken.filter(dataset__app__isnull=False).values_list("dataset", "name"):
        found |= Q(dataset=dataset, fields__contains=[name])
    rows = Export.objects.filter(found, state__in=LEFT).select_related("requester")
    return rows.order_by("-closed_at", "-id")


def _connected(
    condition: Q, through: str, known: Sequence[uuid.UUID]
) -> list[tuple[Dataset, uuid.UUID, int]]:
    """Other datasets of which fields are connected with one of `known`, and by how many fields."""
    rows = (
        DatasetField.objects.filter(condition)
        .exclude(dataset__in=known)
        .values_list("dataset", through)
        .annotate(count=Count("pk", distinct=True))
        .order_by()
    )
    found = list(rows)
    datasets = Dataset.objects.select_related("region").in_bulk([row[0] for row in found])
    ordered = sorted(found, key=lambda row: datasets[row[0]].title)
    return [(datasets[other], mine, count) for other, mine, count in ordered]


def _apps(graph: Graph, stored: Iterable[Dataset]) -> None:
    stored = list(stored)
    apps = App.objects.select_related("owner").in_bulk([one.app for one in stored if one.app])
    for one in stored:
        app = apps.get(one.app) if one.app else None
        if app is None:
            continue
        graph.add(Node(_key(app.pk), 2, app.title, app.owner.display_name))
        graph.connect(Edge(_key(one.pk), _key(app.pk)))


def _places(graph: Graph, stored: Iterable[Dataset]) -> None:
    apps = {one.pk: one.app for one in stored}
    rows = (
        Export.objects.filter(dataset__in=apps, state__in=LEFT)
        .values("dataset", "target")
        .annotate(times=Count("pk"), total=Sum("rows"), last=Max("closed_at"))
        .order_by("target", "dataset")
    )
    titles = {region.code: region.label for region in Region.objects.all()}
    for row in rows:
        place = f"place:{row['target']}"
        graph.add(Node(place, 3, titles.get(row["target"], row["target"])))
        app = apps[row["dataset"]]
        edge = Edge(_key(app), place, times=row["times"], rows=row["total"] or 0, last=row["last"])
        graph.connect(edge)


def _dataset(one: Dataset, *, current: bool = False) -> Node:
    column = 1 if one.app else 0
    return Node(_key(one.pk), column, one.title, one.region.label, one.get_absolute_url(), current)


def _key(pk: uuid.UUID | None) -> str:
    return str(pk)
