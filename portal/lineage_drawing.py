"""A lineage graph as coordinates: four columns, the templates draw it. Pure Python."""

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.lineage import Edge, Graph, Node

WIDTH, GAP_X, HEIGHT, GAP_Y, TOP = 210, 70, 52, 20, 8
LETTERS = 26  # of a title, before it is cut in the drawing; the table has it whole


@dataclass(frozen=True)
class Box:
    """A node with the upper left corner of its box."""

    node: Node
    x: int
    y: int

    @property
    def title(self) -> str:
        """As much as fits."""
        whole = self.node.title
        return whole if len(whole) <= LETTERS else f"{whole[: LETTERS - 1]}…"

    @property
    def middle(self) -> int:
        """Where lines meet it."""
        return self.y + HEIGHT // 2

    @property
    def text_x(self) -> int:
        """Where its texts begin."""
        return self.x + 12


@dataclass(frozen=True)
class Line:
    """An edge as the path of a curve."""

    edge: Edge
    path: str
    start: Node
    end: Node


@dataclass(frozen=True)
class Drawing:
    """Boxes and lines in a picture of `width` by `height`."""

    boxes: Sequence[Box]
    lines: Sequence[Line]
    width: int
    height: int
    box_width: int = WIDTH
    box_height: int = HEIGHT


def draw(graph: Graph) -> Drawing:
    """Columns from left to right, without those that are empty; in each, nodes in the order they came in."""
    columns = [[node for node in graph.nodes.values() if node.column == n] for n in range(4)]
    boxes: dict[str, Box] = {}
    filled = [column for column in columns if column]
    for across, column in enumerate(filled):
        for down, node in enumerate(column):
            boxes[node.key] = Box(node, across * (WIDTH + GAP_X), TOP + down * (HEIGHT + GAP_Y))
    lines = [_line(edge, boxes[edge.start], boxes[edge.end]) for edge in graph.edges]
    most = max(map(len, filled), default=1)
    return Drawing(
        boxes=list(boxes.values()),
        lines=lines,
        width=len(filled) * (WIDTH + GAP_X) - GAP_X,
        height=2 * TOP + most * (HEIGHT + GAP_Y) - GAP_Y,
    )


def _line(edge: Edge, start: Box, end: Box) -> Line:
    x1, x2 = start.x + WIDTH, end.x
    bend = max(24, abs(x2 - x1) // 2)
    path = f"M{x1} {start.middle} C{x1 + bend} {start.middle} {x2 - bend} {end.middle} {x2} {end.middle}"
    return Line(edge, path, start.node, end.node)
