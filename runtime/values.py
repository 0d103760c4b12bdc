"""A field's value as text: for people in their language, for machines in one form."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from catalog.manifest import FieldType

MINOR_UNITS = Decimal(100)


def shown(kind: str, value: Any) -> str:
    """What a reader sees of `value`; a masked value is text already and stays as it is."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    match kind:
        case FieldType.MONEY:
            return formats.number_format(Decimal(value) / MINOR_UNITS, decimal_pos=2, force_grouping=True)
        case FieldType.INTEGER:
            return formats.number_format(value, force_grouping=True)
        case FieldType.BOOLEAN:
            return _("Yes") if value else _("No")
        case FieldType.DATE:
            return formats.date_format(value, "DATE_FORMAT")
        case FieldType.DATETIME:
            return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case _:
            return str(value)


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
