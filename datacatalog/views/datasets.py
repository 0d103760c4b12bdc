"""Pages of the data catalog: which data there is, and how it is tagged. Imports: imports.py."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datacatalog import permissions, selectors, services
from datacatalog.forms import DatasetSearch, TagForm
from datacatalog.models import Classification, Dataset, DatasetField, TagBatch
from datacatalog.reasons import explain
from datacatalog.services.tags import ReasonNeeded, Tag, floor_of
from datacatalog.views.answers import PAGE_SIZE, answer, is_part, person
from identity.models import User
from identity.object_permissions import grant_id, grants_on


@dataclass(frozen=True)
class Row:
    """One field as the page shows it."""

    field: DatasetField
    suggested: Classification | None
    why: str
    chosen: str  # the code that the select shows
    lowered: bool  # the reason's place is open
    error: str = ""
    reason: str = ""


@require_GET
@login_required
def datasets(request: HttpRequest) -> HttpResponse:
    """The tenant's datasets, with search and paging."""
    form = DatasetSearch(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = selectors.datasets(
        asked.get("q", ""), asked.get("origin", ""), untagged=asked.get("untagged", False)
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "pages": list(page.paginator.get_elided_page_range(page.number)),
        "searched": any(asked.values()),
        "may_import": permissions.can_import(person(request)),
        "sees_retention": permissions.can_see_disposals(person(request)),
    }
    return answer(request, "datacatalog/datasets.html", "datacatalog/_datasets.html", context)


@require_GET
@login_required
def dataset(request: HttpRequest, dataset_id: uuid.UUID) -> HttpResponse:
    """One dataset with its fields and their tags."""
    return _dataset(request, selectors.dataset(dataset_id))


@require_POST
@login_required
def confirm_field(request: HttpRequest, dataset_id: uuid.UUID, field_id: uuid.UUID) -> HttpResponse:
    """Tag one field; a downgrade without a reason comes back with the place for it open."""
    found = selectors.dataset(dataset_id)
    permissions.check_confirm(person(request), found)
    form = TagForm(request.POST)
    if not form.is_valid():
        return _dataset(request, found, {field_id: _Fault(_("Choose a classification."))}, status=422)
    tag = Tag(field_id, form.cleaned_data["classification"], form.cleaned_data["reason"])
    try:
        services.confirm_fields(by=person(request), dataset=found, tags=[tag])
    except ReasonNeeded as needed:
        fault = _Fault(needed.message, tag.classification, tag.reason)
        return _dataset(request, found, {field_id: fault}, status=422)
    return _dataset(request, selectors.dataset(dataset_id)) if is_part(request) else redirect(found)


@require_POST
@login_required
def confirm_suggestions(request: HttpRequest, dataset_id: uuid.UUID) -> HttpResponse:
    """Tag every untagged field as suggested."""
    found = selectors.dataset(dataset_id)
    batch = services.confirm_suggestions(by=person(request), dataset=found)
    if is_part(request):
        return _dataset(request, selectors.dataset(dataset_id))
    _tell_tagged(request, batch)
    return redirect(found)


@require_POST
@login_required
def stewards(request: HttpRequest, dataset_id: uuid.UUID) -> HttpResponse:
    """Name one more steward, or take one away (`remove`: the id of the right)."""
    found = selectors.dataset(dataset_id)
    if gone := request.POST.get("remove"):
        services.remove_steward(by=person(request), dataset=found, grant=grant_id(gone))
    else:
        services.add_steward(by=person(request), dataset=found, name=request.POST.get("name", ""))
    return redirect(found)


@require_http_methods(["GET", "POST"])
@login_required
def alike(request: HttpRequest, dataset_id: uuid.UUID, field_id: uuid.UUID) -> HttpResponse:
    """Which untagged fields are like a tagged one; sent, they get its tag."""
    found = selectors.dataset(dataset_id)
    permissions.check_confirm(person(request), found)
    field = selectors.field(field_id)
    if request.method == "POST":
        batch = services.confirm_alike(by=person(request), dataset=found, field=field)
        _tell_tagged(request, batch)
        return redirect(found)
    rows = services.alike(by=person(request), field=field)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"dataset": found, "field": field, "page": page}
    return render(request, "datacatalog/alike.html", context)


@require_POST
@login_required
def undo(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Take back what was tagged together, as far as nobody has tagged it again."""
    batch = selectors.batch(batch_id)
    where = selectors.dataset_of_batch(batch)
    count = services.undo_batch(by=person(request), batch=batch)
    text = ngettext("%(n)d field is untagged again.", "%(n)d fields are untagged again.", count)
    messages.success(request, text % {"n": count})
    return redirect(where) if where else redirect("datacatalog:datasets")


def _tell_tagged(request: HttpRequest, batch: TagBatch | None) -> None:
    count = batch.count if batch else 0
    messages.success(request, ngettext("%(n)d field tagged.", "%(n)d fields tagged.", count) % {"n": count})


@dataclass(frozen=True)
class _Fault:
    """Why a field was not tagged, and what had been asked for."""

    text: str
    chosen: str = ""
    reason: str = ""


def _dataset(
    request: HttpRequest,
    found: Dataset,
    faults: dict[uuid.UUID, _Fault] | None = None,
    status: int = 200,
) -> HttpResponse:
    known = selectors.classifications()
    rows = [_row(field, known, (faults or {}).get(field.pk)) for field in selectors.fields_of(found)]
    context = {
        "dataset": found,
        "actions": _ways_on(person(request), found),
        "rows": rows,
        "classifications": list(known.values()),
        "untagged": sum(row.field.classification is None and row.field.in_source for row in rows),
        "may_confirm": permissions.can_confirm(person(request), found),
        "undo": selectors.last_batch(person(request), found),
        "may_export": permissions.can_import(person(request)),
        "stewards": grants_on(found),
        "may_name": permissions.can_name_stewards(person(request), found),
    }
    return answer(request, "datacatalog/dataset.html", "datacatalog/_fields.html", context, status)


def _ways_on(user: User, found: Dataset) -> list[dict[str, str]]:
    """For the page's header, as far as the reader may go."""
    if not permissions.can_see_lineage(user, found):
        return []
    return [{"label": _("Lineage"), "url": reverse("lineage", args=[found.pk])}]


def _row(field: DatasetField, known: dict[str, Classification], fault: _Fault | None) -> Row:
    suggested = known.get(field.suggestion.get("classification", ""))
    tagged = field.classification.code if field.classification else ""
    chosen = (fault and fault.chosen) or tagged or (suggested.code if suggested else "")
    return Row(
        field=field,
        suggested=suggested,
        why=explain(field.suggestion),
        chosen=chosen,
        lowered=bool(fault) or (chosen in known and known[chosen].level < floor_of(field, known)),
        error=fault.text if fault else "",
        reason=fault.reason if fault else field.downgrade_reason,
    )
