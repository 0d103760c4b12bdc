"""Lineage: the graph of a dataset, and of one field who can see it, where it went, what a class would change.

They stand here since the data catalog, whose addresses they share, knows neither apps nor exports.
"""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.app_access import holder_counts
from catalog.exposure import exposures
from catalog.impact import impacts
from catalog.models import App
from catalog.permissions import can_oversee, owns
from catalog.states import AppState
from catalog.vocabulary import Vocabulary, vocabulary
from datacatalog import selectors
from datacatalog.models import DatasetField
from datacatalog.permissions import check_see_lineage
from identity.errors import Missing
from identity.models import User
from portal.admin_pages import person
from portal.lineage_drawing import draw
from runtime.lineage import graph_of, went_to

PAGE_SIZE = 25


@require_safe
@login_required
def dataset(request: HttpRequest, dataset_id: uuid.UUID) -> HttpResponse:
    """Where a dataset's fields come from, and where they went."""
    found = selectors.dataset(dataset_id)
    check_see_lineage(person(request), found)
    graph = graph_of(found)
    fields = selectors.fields_of(found)
    context = {"dataset": found, "drawing": draw(graph), "graph": graph, "fields": fields}
    return render(request, "portal/lineage.html", context)


@require_safe
@login_required
def field(request: HttpRequest, dataset_id: uuid.UUID, field_id: uuid.UUID) -> HttpResponse:
    """One field: who can see it, where its values went, and what another class would change."""
    found = selectors.field(field_id)
    if found.dataset_id != dataset_id:
        raise Missing(_("There is no such field."))
    user, words = person(request), vocabulary()
    check_see_lineage(user, found.dataset)
    uses = selectors.uses_of(found)
    page = Paginator(went_to(found), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "field": found,
        "uses": [use for use in uses if use.pk != found.pk],
        "seen": _seen(uses, words),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "names": _may_read_names(user, uses),
        "classes": list(words.classifications.values()),
        **_impact(request, uses, words),
    }
    return render(request, "portal/lineage_field.html", context)


def _seen(uses: list[DatasetField], words: Vocabulary) -> list[dict[str, Any]]:
    """The roles of each live app that has the field."""
    wanted = [use.dataset.app for use in uses if use.dataset.app]
    apps = App.objects.filter(pk__in=wanted, state=AppState.LIVE).select_related("live_version", "owner")
    by_id = {app.pk: app for app in apps}
    holders = holder_counts(list(by_id.values()))
    found = []
    for use in uses:
        app = by_id.get(use.dataset.app) if use.dataset.app else None
        if app is None or app.live_version is None:
            continue
        fields = {one.id: one for one in app.live_version.parsed.fields()}
        if use.name in fields:
            found.append({"app": app, "roles": exposures(app, fields[use.name], words, holders)})
    return found


def _may_read_names(user: User, uses: list[DatasetField]) -> bool:
    """Who took a copy is told to who oversees apps, and to who owns every app in question."""
    if can_oversee(user):
        return True
    apps = App.objects.filter(pk__in=[use.dataset.app for use in uses if use.dataset.app])
    return bool(apps) and all(owns(user, app) for app in apps)


def _impact(request: HttpRequest, uses: list[DatasetField], words: Vocabulary) -> dict[str, Any]:
    """What was asked for with `class`; nothing until then."""
    chosen = words.classifications.get(request.GET.get("class", ""))
    if chosen is None:
        return {"chosen": None}
    fields = [(use.dataset.app, use.name) for use in uses if use.dataset.app]
    return {"chosen": chosen, "impacts": impacts(fields, chosen.code, words)}
