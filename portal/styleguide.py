"""The living style page: every component of templates/_components/ in use.

For development alone; the address exists only there (portal/urls.py). Its specimens are examples,
not data, and stay in English.
"""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runtime import charts

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Specimen(forms.Form):
    """One of each kind of field, bound with mistakes so that the errors show."""

    title = forms.CharField(label="Title", help_text="What people look for in the list of apps.")
    email = forms.EmailField(label="Contact", help_text="Who answers questions about the app.")
    region = forms.ChoiceField(label="Region", choices=[("eu", "EU"), ("us", "US")])
    purpose = forms.CharField(label="Purpose", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    starts = forms.DateField(
        label="First day", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    access = forms.ChoiceField(
        label="Who may use it",
        choices=[("group", "The Marketing group"), ("all", "Everyone in the company")],
        widget=forms.RadioSelect,
        help_text="Groups come from your company's directory.",
    )
    notify = forms.BooleanField(
        label="Tell me when it is decided", help_text="By mail and here.", required=False
    )


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "portal/styleguide.html", specimens())


def specimens() -> dict[str, Any]:
    """An example for each component that takes a list or an object."""
    return {
        "form": Specimen({"title": "Spring event leads", "email": "lena.marsh", "region": "eu"}),
        "page": Paginator(range(231), 20).page(3),
        "weeks": charts.draw(
            "line",
            title="Hours to decision",
            note="per week; the line marks the escalation after 24 h",
            axis="Week",
            labels=[str(week) for week in range(36, 48)],
            series=[
                ("Median", [9, 8.5, 7, 7.4, 6, 5.2, 5.5, 4.8, 4.1, 4.4, 3.6, 3.2]),
                ("90th percentile", [31, 29, 30, 26, 24, 25, 22, 19, 20, 17, 15, 14]),
            ],
            summary="The median falls from 9 to 3.2 hours in twelve weeks, the 90th percentile "
            "from 31 to 14.",
            mark=(24, "24 h"),
        ),
        "sources": charts.draw(
            "bar",
            title="Leads by source",
            axis="Source",
            labels=["Stand", "Web form", "Partner", "Referral"],
            series=[("Leads", [148, 96, 41, 12])],
            summary="Most leads come from the stand (148), then the web form (96).",
        ),
        **_lists(),
    }


def _lists() -> dict[str, Any]:
    return {
        "nav": [
            {"label": label, "url": "#", "current": label == "Build"}
            for label in ("My apps", "Build", "Approvals", "Data catalogue", "Policy", "Audit")
        ],
        "person": {"display_name": "Lena Marsh", "email": "lena.marsh@contoso.example"},
        "tenant": {"name": "Contoso"},
        "crumbs": [{"label": "My apps", "url": "#"}, {"label": "Spring event leads", "url": "#"}],
        "actions": [
            {"label": "Export", "url": "#", "icon": "download"},
            {"label": "New app", "url": "#", "icon": "plus", "go": True},
        ],
        "badge": {"label": "Draft", "tone": "plain"},
        "steps": [
            {"label": "Template", "url": "#", "state": "done"},
            {"label": "Purpose", "url": "#", "state": "done"},
            {"label": "Fields", "url": "#", "state": "current"},
            {"label": "Access", "url": "", "state": "todo"},
            {"label": "Preview", "url": "", "state": "todo"},
            {"label": "Submit", "url": "", "state": "todo"},
        ],
        "tabs": [
            {"label": "Overview", "url": "#", "current": True, "count": None},
            {"label": "Requests", "url": "#", "current": False, "count": 3},
            {"label": "Versions", "url": "#", "current": False, "count": 12},
            {"label": "Timeline", "url": "#", "current": False, "count": None},
        ],
        "checks": [
            {"tone": "ok", "text": "SSO only, Marketing group", "code": "identity.sso_required"},
            {"tone": "ok", "text": "CRM is read-only", "code": "connector.least_privilege"},
            {
                "tone": "stop",
                "text": "One field has no classification",
                "remedy": "Choose one for date_of_birth.",
                "code": "catalog.untagged_field",
            },
            {
                "tone": "warn",
                "text": "One personal field is shown masked",
                "remedy": "The raw value needs an approval.",
                "code": "data.pii_masking",
            },
        ],
        "levels": [
            {"level": 0, "label": "Public"},
            {"level": 1, "label": "Internal"},
            {"level": 2, "label": "Confidential"},
            {"level": 3, "label": "Personal"},
            {"level": 4, "label": "Special category"},
            {"level": 5, "label": "Credential"},
        ],
        "events": [
            {
                "title": "Went live",
                "at": NOON,
                "who": "Omar Reyes",
                "tone": "ok",
                "code": "app.live",
                "text": "Version 3, approved on evidence of the same digest.",
            },
            {"title": "Export refused", "at": NOON, "who": "Lena Marsh", "tone": "stop"},
            {"title": "Draft saved", "at": NOON, "who": "Lena Marsh"},
        ],
        "lines": [
            {"kind": "place", "text": "datasets › leads › fields"},
            {"kind": "same", "text": "- name: work_email"},
            {"kind": "removed", "text": "  classification: internal"},
            {"kind": "added", "text": "  classification: pii"},
            {"kind": "added", "text": "  retention_days: 365"},
        ],
        "rows": [
            {"name": "Spring event leads", "unit": "Marketing", "tone": "ok", "state": "Live"},
            {"name": "Visitor log", "unit": "Facilities", "tone": "warn", "state": "In review"},
            {"name": "Old price list", "unit": "Sales", "tone": "plain", "state": "Retired"},
        ],
        "fields": [
            {"name": "work_email", "type": "Email", "level": 3, "region": "EU"},
            {"name": "company", "type": "Text", "level": 1, "region": "EU"},
            {"name": "date_of_birth", "type": "Date", "level": None, "region": "EU"},
            {"name": "lead_source", "type": "Choice", "level": 0, "region": "US"},
        ],
        "digest": "sha256:9f2c6d1be07a4c35d81f",
        "at": NOON,
    }
