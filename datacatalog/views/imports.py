"""Pages on which data comes in, and goes out again as a contract."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from datacatalog import changes, permissions, selectors, services
from datacatalog.forms import DatabaseLogin, MapForm, SourceUpload
from datacatalog.models import Dataset, ImportRun
from datacatalog.models.dataset import FIELD_TYPES
from datacatalog.views.answers import PAGE_SIZE, answer, is_part, person
from identity.errors import Missing

RECENT_IMPORTS = 10
FIELDS_A_PAGE = 200
LINES = 200  # of differences on one page; the counts say how many there are


@require_http_methods(["GET", "POST"])
@login_required
def import_(request: HttpRequest) -> HttpResponse:
    """Upload a contract, a table or an API's description; the preview comes next."""
    permissions.check_import(person(request))
    form = SourceUpload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        run = services.preview_file(
            by=person(request),
            kind=form.cleaned_data["kind"],
            file_name=file.name,
            content=file.read(),
            region=form.cleaned_data["region"],
            source=form.cleaned_data["source"],
        )
        return redirect("datacatalog:import-run", run.pk)
    recent = ImportRun.objects.select_related("by")[:RECENT_IMPORTS]
    status = 422 if form.is_bound else 200
    return render(request, "datacatalog/import.html", {"form": form, "runs": recent}, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def database(request: HttpRequest) -> HttpResponse:
    """The login to a database; a worker reads it, and its progress comes next."""
    permissions.check_import(person(request))
    form = DatabaseLogin(request.POST or None)
    if request.method == "POST" and form.is_valid():
        run = services.start_database(
            by=person(request),
            address=form.address(),
            region=form.cleaned_data["region"],
            samples=form.cleaned_data["samples"],
        )
        return redirect("datacatalog:import-run", run.pk)
    status = 422 if form.is_bound else 200
    return render(request, "datacatalog/import_database.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def import_run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """What a source would do, how far reading it is, or why it is refused; sent, it is imported."""
    permissions.check_import(person(request))
    run = selectors.import_run(run_id)
    if request.method == "POST":
        services.finish_import(by=person(request), run=run)
        return redirect("datacatalog:import-run", run.pk)
    if run.state == ImportRun.State.PREVIEW:
        if is_part(request):  # it has been read: the whole page has more to show than this part
            return HttpResponseClientRefresh()
        return render(request, "datacatalog/import_run.html", _preview(request, run))
    datasets = selectors.datasets_of_run(run) if run.state == ImportRun.State.DONE else Dataset.objects.none()
    page = Paginator(datasets, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"run": run, "page": page, "pages": list(page.paginator.get_elided_page_range(page.number))}
    return answer(request, "datacatalog/import_run.html", "datacatalog/_import_state.html", context)


def _preview(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    """The datasets that were read, by their place in the plan, and what would differ."""
    objects = list(enumerate((run.plan or {}).get("objects", [])))
    page = Paginator(objects, PAGE_SIZE).get_page(request.GET.get("page"))
    lines = [] if not run.counts.get("changed_datasets", 0) + _differences(run) else changes.of_run(run).lines
    told = [line for line in lines if line.code != "new" or line.field]
    return {
        "run": run,
        "planned": page,
        "pages": list(page.paginator.get_elided_page_range(page.number)),
        "lines": told[:LINES],
        "more_lines": max(0, len(told) - LINES),
        "mine": run.by_id == person(request).pk,
    }


def _differences(run: ImportRun) -> int:
    """Whether the source is known: else all is new, and there is nothing to compare."""
    counts = run.counts
    return int(counts.get("datasets", 0) - counts.get("new_datasets", 0) + counts.get("withdrawn", 0))


@require_http_methods(["GET", "POST"])
@login_required
def map_dataset(request: HttpRequest, run_id: uuid.UUID, number: int) -> HttpResponse:
    """How one dataset of a preview comes in: title, fields, labels, types."""
    permissions.check_import(person(request))
    run = selectors.import_run(run_id)
    objects = (run.plan or {}).get("objects", [])
    if number >= len(objects):
        raise Missing(_("There is no such dataset in this import."))
    item = objects[number]
    page = Paginator(item["fields"], FIELDS_A_PAGE).get_page(request.GET.get("page"))
    form = MapForm(
        request.POST or None, fields=list(page), initial={"title": item["title"], "use": not item["skip"]}
    )
    if request.method == "POST" and form.is_valid():
        services.map_dataset(
            by=person(request),
            run=run,
            number=number,
            title=form.cleaned_data["title"],
            skip=not form.cleaned_data["use"],
            fields=form.mapping(),
        )
        return redirect("datacatalog:import-run", run.pk)
    context = {
        "run": run,
        "item": item,
        "form": form,
        "rows": form.rows(selectors.classifications()),
        "types": FIELD_TYPES,
        "page": page,
        "pages": list(page.paginator.get_elided_page_range(page.number)),
    }
    return render(request, "datacatalog/import_map.html", context, status=422 if form.is_bound else 200)


@require_GET
@login_required
def contract(request: HttpRequest, dataset_id: uuid.UUID) -> HttpResponse:
    """The data contract of a dataset and of all that came with it, as a file (ODCS v3)."""
    found = selectors.dataset(dataset_id)
    text = services.export_contract(by=person(request), dataset=found)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.pk}.odcs.yaml"'
    return response
