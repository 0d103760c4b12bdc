"""What a dashboard counts: records by one field that is not protected.

Where a dataset holds personal data a group of few records could be a person: groups under the floor that the
tenant sets (policy/thresholds.py, "smallest group") are put together until their sum is no longer small, and
records without a value are a group like others, so that no small number can be read, or worked out from the
rest of the chart or from the total of another (docs/adr/0058-dashboards.md).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.manifest import FieldType
from datacatalog.records import Record
from runtime import charts
from runtime.charts import Chart
from runtime.live import LiveField
from runtime.values import shown

MOST_GROUPS = 24
BINS = 8
Group = tuple[str, int]


@dataclass(frozen=True)
class Gap:
    """A chart that is not drawn, and why."""

    title: str
    text: str


def gap(item: LiveField) -> Gap:
    """For a field whose values are protected, or were when they were stored."""
    return Gap(item.label, _("This field is protected; it is not counted in charts."))


def draw(rows: QuerySet[Record], item: LiveField, measure: str, *, floor: int) -> Chart | Gap:
    """Records of `rows` counted by `item`: by month, by number range or by value."""
    if measure != "count":
        return Gap(item.label, _("This portal cannot draw the measure “%(name)s”.") % {"name": measure})
    filled = rows.filter(**{f"{item.column}__isnull": False})
    match item.type:
        case FieldType.DATE | FieldType.DATETIME:
            groups = _months(filled, item)
        case FieldType.INTEGER | FieldType.MONEY:
            groups = _ranges(filled, item)
        case _:
            groups = _values(filled, item)
    total = sum(count for _name, count in groups)
    if floor > 1 and (without := rows.count() - total):
        groups, total = [*groups, (_("No value"), without)], total + without
    return _chart(item, guarded(groups, floor), total, floor)


def guarded(groups: Sequence[Group], floor: int) -> list[Group]:
    """`groups` with small ones put together. The sum of what is put together is itself not small,
    unless all records together are few; then nothing is left."""
    small = sorted((group for group in groups if 0 < group[1] < floor), key=lambda group: group[1])
    if not small:
        return list(groups)
    rest = sorted((group for group in groups if group[1] >= floor), key=lambda group: group[1])
    while rest and sum(count for _name, count in small) < floor:
        small.append(rest.pop(0))
    pooled = sum(count for _name, count in small)
    if pooled < floor:
        return []
    gone = {name for name, _count in small}
    return [group for group in groups if group[0] not in gone] + [(_("Others, few each"), pooled)]


def _values(rows: QuerySet[Record], item: LiveField) -> list[Group]:
    counted = rows.values_list(item.column).annotate(n=Count("id")).order_by("-n", item.column)
    found: dict[Any, int] = dict(counted[: MOST_GROUPS + 1])
    if item.type == FieldType.CHOICE:
        named = [(option, found.pop(option, 0)) for option in item.options]
        return named + [(str(value), count) for value, count in found.items()]
    groups = [(shown(item.type, value), count) for value, count in found.items()]
    if len(groups) > MOST_GROUPS:
        others = rows.count() - sum(count for _name, count in groups[:MOST_GROUPS])
        groups = [*groups[:MOST_GROUPS], (_("Others"), others)]
    return groups


def _months(rows: QuerySet[Record], item: LiveField) -> list[Group]:
    """The last MOST_GROUPS months up to the newest value, empty ones included."""
    counted = rows.annotate(month=TruncMonth(item.column)).values_list("month").annotate(n=Count("id"))
    found = {_first(month): count for month, count in counted.order_by("-month")[:MOST_GROUPS]}
    if not found:
        return []
    month, last, groups = min(found), max(found), []
    while month <= last:
        groups.append((formats.date_format(month, "M Y"), found.get(month, 0)))
        month = (month + dt.timedelta(days=32)).replace(day=1)
    return groups[-MOST_GROUPS:]


def _ranges(rows: QuerySet[Record], item: LiveField) -> list[Group]:
    """BINS ranges of equal width between the least and the greatest value, counted in one query."""
    ends = rows.aggregate(low=Min(item.column), high=Max(item.column))
    low, high = ends["low"], ends["high"]
    if low is None:
        return []
    width = max(1, -(-(high - low + 1) // BINS))
    bounds = list(range(low, high + 1, width))
    counts = rows.aggregate(
        **{f"b{n}": Count("id", filter=_between(item, start, width)) for n, start in enumerate(bounds)}
    )
    return [
        (_range_name(item, start, min(start + width - 1, high)), counts[f"b{n}"])
        for n, start in enumerate(bounds)
    ]


def _between(item: LiveField, start: int, width: int) -> Any:
    return Q(**{f"{item.column}__gte": start, f"{item.column}__lt": start + width})


def _range_name(item: LiveField, low: int, high: int) -> str:
    first, last = shown(item.type, low), shown(item.type, high)
    return first if low == high else f"{first}–{last}"


def _first(month: Any) -> dt.date:
    return month.date() if isinstance(month, dt.datetime) else month


def _chart(item: LiveField, groups: Sequence[Group], total: int, floor: int) -> Chart | Gap:
    if not groups:
        if total:
            text = _("There are fewer than %(floor)d records: too few to show without showing people.")
            return Gap(item.label, text % {"floor": floor})
        return Gap(item.label, _("No record has a value here yet."))
    most = max(groups, key=lambda group: group[1])
    note = ngettext("%(n)d record", "%(n)d records", total) % {"n": total}
    if floor > 1:
        note += " · " + _("groups under %(floor)d are put together") % {"floor": floor}
    return charts.draw(
        "bar",
        title=item.label,
        axis=item.label,
        labels=[name for name, _count in groups],
        series=[(_("Records"), [count for _name, count in groups])],
        summary=_("Records by %(field)s; most have %(value)s (%(count)d).")
        % {"field": item.label, "value": most[0], "count": most[1]},
        note=note,
    )
