"""A field's value as text: for people in their language, for machines in one form."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from catalog.manifest import FieldType

MINOR_UNITS = Decimal(100)


def shown(kind: str, value: Any) -> str:
    """What a reader sees of `value`; a masked value is text already and stays as it is."""
    if value is None or isinstance(value, str):
        return value or ""
    write = _WRITERS.get(FieldType(kind))
    return write(value) if write else str(value)


def machine_text(value: Any) -> str:
    """The form in files: ISO 8601, UTC, true and false; money stays whole minor units."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


_WRITERS: Mapping[FieldType, Callable[[Any], str]] = {
    FieldType.MONEY: lambda value: formats.number_format(
        Decimal(value) / MINOR_UNITS, decimal_pos=2, force_grouping=True
    ),
    FieldType.INTEGER: lambda value: formats.number_format(value, force_grouping=True),
    FieldType.BOOLEAN: lambda value: _("Yes") if value else _("No"),
    FieldType.DATE: lambda value: formats.date_format(value, "DATE_FORMAT"),
    FieldType.DATETIME: lambda value: formats.date_format(timezone.localtime(value), "DATETIME_FORMAT"),
}
