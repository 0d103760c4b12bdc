"""The search form: everything optional, everything in the address, so that a search can be sent on."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import words
from audit.search import Filters, ids_of
from catalog.models import App
from datacatalog.models import Dataset
from identity.models import User
from identity.tenancy import current_tenant
from ledger.events import Event


def _kinds() -> list[tuple[str, Any]]:
    known = [(event.value, words.title(event.value)) for event in Event]
    return [("", _("Any event")), *sorted(known, key=lambda pair: pair[1])]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SearchForm(forms.Form):
    """Filters of the audit page. Person, app and dataset take a part of the name, or an id."""

    kind = forms.ChoiceField(label=_("Event"), choices=_kinds, required=False)
    person = forms.CharField(label=_("Person"), required=False, max_length=200)
    app = forms.CharField(label=_("App"), required=False, max_length=200)
    dataset = forms.CharField(label=_("Dataset"), required=False, max_length=200)
    tag = forms.CharField(label=_("Classification"), required=False, max_length=50)
    decision = forms.UUIDField(label=_("Decision id"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=_day())
    until = forms.DateField(label=_("Up to and including"), required=False, widget=_day())
    object = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A range that ends before it begins finds nothing, and says so."""
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("This day is before the first one."))
        return data

    def filters(self) -> Filters:
        """What to look for, of a form that is valid."""
        data = self.cleaned_data
        return Filters(
            kind=data["kind"],
            # accounts have no wall: the tenant is named here
            people=ids_of(User.objects.filter(tenant=current_tenant()), "display_name", data["person"]),
            apps=ids_of(App.objects.all(), "title", data["app"]),
            datasets=ids_of(Dataset.objects.all(), "title", data["dataset"]),
            decision=data["decision"],
            tag=data["tag"].strip().lower(),
            obj=data["object"],
            since=_midnight(data["since"]),
            until=_midnight(data["until"], days=1),
        )


def _midnight(day: Any, days: int = 0) -> datetime | None:
    """The start of `day` (plus `days`) in the reader's zone."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))
