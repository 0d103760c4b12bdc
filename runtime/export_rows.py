"""The rows of an export on their way into the file."""

from collections.abc import Callable, Sequence

from runtime import store
from runtime.csv_file import Writer
from runtime.live import LiveApp, LiveDataset, LiveField
from runtime.store import Masks


def fill(
    writer: Writer,
    live: LiveApp,
    dataset: LiveDataset,
    fields: Sequence[LiveField],
    masks: Masks,
    after: Callable[[int], None] = lambda rows: None,
) -> None:
    """Write all rows, masked; `after` is told how many there are by now, batch by batch.

    Raises:
        CannotDecrypt, KeysUnavailable: nothing more is written.
    """
    with store.on(live):
        for columns in store.stream(live, dataset, fields, masks):
            writer.columns(columns)
            after(writer.rows)
