"""Changes of classifications and regions in words."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from datacatalog.masking import Method
from identity.errors import BadInput
from policy.datakinds import Values

MOST_REGULATIONS = 20
REGULATION_CHARS = 60


def shown(title: str) -> str:
    """A title in the reader's language, if it is one of those that every tenant starts with."""
    return _(title) if title else ""


def line(model: type[Model], name: str, before: Any, after: Any, kind: str) -> str:
    """One value that differs: both, or the one that there is."""
    label = capfirst(str(model._meta.get_field(name).verbose_name))  # type: ignore[union-attr]  # no relation
    if kind == "added":
        return _("%(name)s: %(value)s") % {"name": label, "value": _value(after)}
    if kind == "removed":
        return _("%(name)s: %(value)s") % {"name": label, "value": _value(before)}
    pair = {"name": label, "before": _value(before), "after": _value(after)}
    return _("%(name)s: %(before)s → %(after)s") % pair


def several(names: Sequence[str], most: int) -> str:
    """How many, and the first of them."""
    if not names:
        return "0"
    more = len(names) - most
    listed = ", ".join(names[:most]) + (_(" and %(n)d more") % {"n": more} if more > 0 else "")
    return f"{len(names)} ({listed})"


def loosened(old: Values, new: Values) -> list[str]:
    """What a changed classification protects less than before."""
    found = []
    if new["level"] < old["level"]:
        pair = {"before": old["level"], "after": new["level"]}
        found.append(_("The level is lowered: %(before)d → %(after)d.") % pair)
    if old["protected"] and not new["protected"]:
        found.append(_("New versions of apps store such values unencrypted."))
    if old["personal"] and not new["personal"]:
        found.append(_("It no longer counts as personal data; rules on personal data pass it by."))
    if new["mask"] != old["mask"] and _strictness(new["mask"]) < _strictness(old["mask"]):
        found.append(_("The mask is milder."))
    if _days(new["retention_max_days"]) > _days(old["retention_max_days"]):
        found.append(_("Values may be kept longer."))
    return found


def regulations(value: Any) -> list[str]:
    """A list of short names.

    Raises:
        BadInput: it is none.
    """
    names = [str(one).strip() for one in value] if isinstance(value, list | tuple) else None
    if names is None or len(names) > MOST_REGULATIONS or any(len(one) > REGULATION_CHARS for one in names):
        text = _("Name at most %(count)d regulations of at most %(chars)d characters each.")
        raise BadInput(text % {"count": MOST_REGULATIONS, "chars": REGULATION_CHARS}, code="regulations")
    return list(dict.fromkeys(one for one in names if one))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return "–" if value in (None, "") else str(value)


def _strictness(mask: str) -> int:
    return list(Method).index(Method(mask)) if mask else -1


def _days(value: int | None) -> float:
    return float("inf") if value is None else value
