"""What somebody says who asks for an exception or an override."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from policy.decision import Reason
from policy.selectors import rules_in_force
from policy.services import MOST_HOURS, Wish

USUAL_DAYS, USUAL_HOURS = 30, 4
HOURS = (1, 2, 4, 8, MOST_HOURS)


class _AskForm(forms.Form):
    """The rule, why, and what is done meanwhile."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=400)
    rule = forms.ChoiceField(label=gettext_lazy("From which rule?"))
    reason = forms.CharField(
        label=gettext_lazy("Why is it needed?"),
        help_text=gettext_lazy("Reviewers read this. Name the task, not people."),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    control = forms.CharField(min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, denials: Iterable[Reason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["rule"].choices = [choice for denial in denials for choice in _choices(denial)]
        fields["rule"].initial = fields["rule"].choices[0][0]

    def _wish(self, app_title: str, until: datetime, **more: str) -> Wish:
        data = self.cleaned_data
        rule, _colon, jurisdiction = data["rule"].partition(":")
        return Wish(
            rule=rule,
            jurisdiction=jurisdiction,
            app_title=app_title,
            reason=data["reason"],
            control=data["control"],
            until=until,
            **more,
        )


class ExceptionForm(_AskForm):
    """How far it reaches, and until when."""

    narrow = forms.MultipleChoiceField(
        label=gettext_lazy("Only for"),
        help_text=gettext_lazy("The narrower it is, the easier it is approved."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(
        label=gettext_lazy("Until when?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    field_order = ("key", "rule", "narrow", "reason", "control", "until")

    def __init__(self, *args: Any, dataset: str, region: str, most_days: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most_days = most_days
        self.places = {"dataset": dataset, "region": region}
        today = timezone.localdate()
        fields: dict[str, Any] = self.fields
        labels = {"dataset": _("the dataset “%(name)s”"), "region": _("the region “%(name)s”")}
        known = [(name, labels[name] % {"name": value}) for name, value in self.places.items() if value]
        fields["narrow"].choices = known
        fields["narrow"].initial = [name for name, _label in known]
        fields["control"].label = _("What protects the data meanwhile?")
        fields["control"].help_text = _(
            "For example: a contract with the receiver, fewer fields, a shorter retention."
        )
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
        until = timezone.make_aware(datetime.combine(data["until"], time.max))
        return self._wish(app_title, until, **chosen)


class OverrideForm(_AskForm):
    """For how many hours."""

    hours = forms.TypedChoiceField(
        label=gettext_lazy("For how long?"),
        help_text=gettext_lazy("From now on, however long the approval takes. It ends by itself."),
        coerce=int,
        initial=USUAL_HOURS,
    )
    field_order = ("key", "rule", "hours", "reason", "control")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["rule"].label = _("Which rule is overridden?")
        fields["control"].label = _("How is it watched, and put right afterwards?")
        fields["hours"].choices = [
            (hours, ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}) for hours in HOURS
        ]

    def wish(self, app_title: str) -> Wish:
        """What is asked for, of a form that is valid."""
        return self._wish(app_title, timezone.now() + timedelta(hours=self.cleaned_data["hours"]))


def _choices(denial: Reason) -> list[tuple[str, str]]:
    """One for the rule, or one for each law that a transfer could be excepted for."""
    title = rules_in_force()[denial.code][0].title
    if not denial.laws:
        return [(denial.code, title)]
    return [(f"{denial.code}:{law}", f"{title} → {law}") for law in denial.laws]
