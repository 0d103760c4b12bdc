"""Thresholds as policy data that is changed with review (policy/datakinds.py has the contract)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from approvals.evidence import Change, Fact
from identity.errors import BadInput, Missing
from identity.services import new_access_revision
from identity.tenancy import current_tenant
from policy.datakinds import Told, Values, differing
from policy.models import ThresholdSet
from policy.rules import thresholds_of
from policy.services.access import seed_access_rules
from policy.thresholds import BOUNDS, out_of_bounds, out_of_order

# More of these is less protection; of the others less is.
_LOOSER_WHEN_HIGHER = frozenset(BOUNDS) - {"smallest_group"}


class ThresholdData:
    """Wired under the kind "thresholds", with what a higher room knows of the data that is concerned."""

    @property
    def label(self) -> str:
        """What it is called."""
        return _("Thresholds")

    def named(self, obj: str, values: Values | None) -> str:
        """There is one set of them."""
        return _("the tenant's own")

    def current(self, obj: str, *, locked: bool = False) -> Values | None:
        """The tenant's own, else the usual ones."""
        _only(obj)
        rows = ThresholdSet.objects.select_for_update() if locked else ThresholdSet.objects.all()
        return asdict(thresholds_of(rows.first()))

    def check(self, obj: str, before: Values | None, after: Values | None) -> Values | None:
        """Each within its bounds, the levels in order."""
        _only(obj)
        if after is None or set(after) != set(BOUNDS):
            raise BadInput(_("Name every threshold."))
        row = ThresholdSet(**after)
        try:
            row.clean_fields(exclude=["tenant"])
        except ValidationError as error:
            name, texts = next(iter(error.message_dict.items()))
            raise BadInput(texts[0], code=name) from error
        values = asdict(thresholds_of(row))
        if name := out_of_bounds(values):
            text = _("Choose a number from %(low)d to %(high)d.")
            raise BadInput(text % dict(zip(("low", "high"), BOUNDS[name], strict=True)), code=name)
        if pair := out_of_order(values):
            text = _("“%(one)s” may not be above “%(other)s”.")
            raise BadInput(text % {"one": _words(pair[0]), "other": _words(pair[1])}, code=pair[0])
        return values

    def tell(self, obj: str, before: Values | None, after: Values | None) -> Told:
        """Each number that changes, and which of them loosen something."""
        old, new = before or {}, after or {}
        names = [name for name in BOUNDS if name in differing(old, new)]
        line = _("%(name)s: %(before)s → %(after)s")
        texts = {
            name: line % {"name": _words(name), "before": old.get(name), "after": new.get(name)}
            for name in names
        }
        looser = [name for name in names if (new[name] > old[name]) == (name in _LOOSER_WHEN_HIGHER)]
        return Told(
            changes=tuple(Change("changed", texts[name]) for name in names),
            grave=tuple(_("Looser than before: %(what)s.") % {"what": texts[name]} for name in looser),
            affected=tuple(self.concerned(old, new)),
            follows=_(
                "It counts from everybody's next request on. What was approved before is decided again when "
                "it takes effect. Stored values stay as they are, and so do exceptions that are in force. "
                "Access rules name levels of their own, which do not move along."
            ),
        )

    def concerned(self, before: Values, after: Values) -> Sequence[Fact]:
        """What changes sides; the room that knows the data says it (datacatalog/scheme_data.py)."""
        return ()

    def codes(self, values: Values | None) -> dict[str, Any] | None:
        """They are numbers."""
        return dict(values) if values is not None else None

    def apply(self, obj: str, after: Values | None) -> None:
        """Store them; every process reads the tenant's rules anew."""
        tenant = current_tenant()
        if after is None or tenant is None:
            raise BadInput(_("Name every threshold."))
        seed_access_rules(by=None, tenant=tenant)
        ThresholdSet.objects.update_or_create(tenant_id=tenant, defaults=dict(after))
        new_access_revision(tenant=tenant)


def _only(obj: str) -> None:
    if obj:
        raise Missing(_("There is one set of thresholds alone."))


def _words(name: str) -> str:
    return capfirst(str(ThresholdSet._meta.get_field(name).verbose_name))  # type: ignore[union-attr]  # a number
