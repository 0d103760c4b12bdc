"""What somebody says who asks for an exception."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policy.services import Wish

USUAL_DAYS = 30


class ExceptionForm(forms.Form):
    """The rule, how far it reaches, why, what protects the data meanwhile, until when."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=400)
    rule = forms.ChoiceField(label=gettext_lazy("From which rule?"))
    narrow = forms.MultipleChoiceField(
        label=gettext_lazy("Only for"),
        help_text=gettext_lazy("The narrower it is, the easier it is approved."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why is it needed?"),
        help_text=gettext_lazy("Reviewers read this. Name the task, not people."),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    control = forms.CharField(
        label=gettext_lazy("What protects the data meanwhile?"),
        help_text=gettext_lazy(
            "For example: a contract with the receiver, fewer fields, a shorter retention."
        ),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    until = forms.DateField(
        label=gettext_lazy("Until when?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self,
        *args: Any,
        rules: Sequence[tuple[str, str]],
        dataset: str,
        region: str,
        most_days: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.most_days = most_days
        self.places = {"dataset": dataset, "region": region}
        today = timezone.localdate()
        fields: dict[str, Any] = self.fields
        fields["rule"].choices = list(rules)
        labels = {"dataset": _("the dataset “%(name)s”"), "region": _("the region “%(name)s”")}
        known = [(name, labels[name] % {"name": value}) for name, value in self.places.items() if value]
        fields["narrow"].choices = known
        fields["narrow"].initial = [name for name, _label in known]
        fields["until"].initial = today + timedelta(days=min(USUAL_DAYS, most_days))
        fields["until"].help_text = _("At most %(days)d days. It ends by itself.") % {"days": most_days}
        fields["until"].widget.attrs |= {
            "min": (today + timedelta(days=1)).isoformat(),
            "max": (today + timedelta(days=most_days)).isoformat(),
        }
        if not known:
            del fields["narrow"]

    def clean_until(self) -> date:
        """A day to come, and not too far."""
        day: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today < day <= today + timedelta(days=self.most_days):
            text = _("Choose a day within the next %(days)d days.")
            raise forms.ValidationError(text % {"days": self.most_days})
        return day

    def wish(self, app_title: str) -> Wish:
        """What is asked for, of a form that is valid; it ends with the day, in the reader's zone."""
        data = self.cleaned_data
        chosen = {name: value for name, value in self.places.items() if name in data.get("narrow", [])}
        return Wish(
            rule=data["rule"],
            app_title=app_title,
            dataset=chosen.get("dataset", ""),
            region=chosen.get("region", ""),
            reason=data["reason"],
            control=data["control"],
            until=timezone.make_aware(datetime.combine(data["until"], time.max)),
        )
