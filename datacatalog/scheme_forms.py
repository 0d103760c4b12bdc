"""Forms in which admins ask for changes of classifications and regions (policy/proposing_admin.py)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datacatalog.models import Classification, Region
from datacatalog.scheme_data import MOST_LEVEL, ClassificationData, RegionData
from policy.proposing_admin import RemovableForm


class _CodedForm(RemovableForm):
    """Of an object that is named by a code. What uses it names it so: the code stays as it was made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["code"].disabled = True
            self.fields["code"].help_text = _("It cannot be changed: data and apps name it so.")


class ClassificationForm(_CodedForm):
    """A class of data."""

    names = ClassificationData.names

    regulations = forms.CharField(
        label=_("Regulations"), required=False, max_length=1000, help_text=_("By commas.")
    )

    class Meta:
        model = Classification
        fields = (
            "code",
            "title",
            "description",
            "level",
            "personal",
            "protected",
            "mask",
            "regulations",
            "retention_min_days",
            "retention_max_days",
        )
        help_texts = {
            "level": _("0 public to 5 credentials. The thresholds say what follows from it."),
            "protected": _("Values are stored encrypted, from the next version of an app on."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["regulations"] = ", ".join(self.instance.regulations)
        self.fields["level"].widget.attrs |= {"min": 0, "max": MOST_LEVEL}

    def clean_regulations(self) -> list[str]:
        """One by one."""
        return [one.strip() for one in self.cleaned_data["regulations"].split(",") if one.strip()]


class RegionForm(_CodedForm):
    """A place where data lies."""

    names = RegionData.names

    class Meta:
        model = Region
        fields = ("code", "title", "jurisdiction", "provider", "sovereign")
        help_texts = {
            "jurisdiction": _("The law that holds there, as a code in small letters: eu. Rules compare it."),
        }
