"""Which data changes sides with a threshold, for changes of these (policy/threshold_data.py)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from approvals.evidence import Fact
from datacatalog.models import Classification, DatasetField
from policy import threshold_data
from policy.datakinds import Values
from policy.thresholds import LEVELS


class ThresholdData(threshold_data.ThresholdData):
    """Wired under the kind "thresholds"."""

    def concerned(self, before: Values, after: Values) -> Sequence[Fact]:
        """The classes between the old level and the new, and how many fields carry them."""
        moved = [
            row
            for row in Classification.objects.all()
            if any((row.level >= before[name]) != (row.level >= after[name]) for name in LEVELS)
        ]
        named = ", ".join(f"{row.label} ({row.level})" for row in moved) or "0"
        fields = DatasetField.objects.filter(classification__in=moved).count()
        return [Fact(_("Classes concerned"), named), Fact(_("Fields with these classes"), str(fields))]
