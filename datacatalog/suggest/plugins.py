"""The seam for suggesters of others: entry points of the group `datacatalog.suggesters`.

One is a callable that takes `Signs` and yields `Suggestion`s; its words come from the suggestion's own
`params["text"]` with the reason "plugin". One that fails costs its own signs and nothing else.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.metadata import entry_points

from datacatalog.suggest.signs import Signs, Suggestion

GROUP = "datacatalog.suggesters"
Suggester = Callable[[Signs], Iterable[Suggestion]]
logger = logging.getLogger(__name__)


@cache
def installed() -> tuple[tuple[str, Suggester], ...]:
    """Name and callable of each, in the order of their names."""
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return tuple((point.name, point.load()) for point in found)


def signs_of(signs: Signs) -> Iterator[Suggestion]:
    """What all of them say."""
    for name, suggester in installed():
        try:
            found = list(suggester(signs))
        except Exception as error:  # noqa: BLE001 - code of others; its text may hold a value, so only its kind is told
            logger.warning("suggester %s failed: %s", name, type(error).__name__)
            continue
        yield from found
