"""Pages of running apps: parse, ask the gateway or a service, render."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.manifest import PageKind
from identity.errors import Missing, NotAllowed
from policy.inputs import Action
from runtime import exports as about
from runtime import gateway, once, selectors, services
from runtime.export_manifest import manifest
from runtime.forms import ExportForm, RecordForm
from runtime.frame import frame, menu
from runtime.live import live_app
from runtime.models import Export
from runtime.pages import Place, place_of
from runtime.pages.detail import row
from runtime.pages.registry import KINDS
from runtime.permissions import check_see_export, granted
from runtime.queueing import queue

View = Callable[..., HttpResponseBase]


def page_of_app(view: View) -> View:
    """For signed-in people; never kept by a cache."""

    @login_required
    @cache_control(private=True, no_store=True)
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return answer


@page_of_app
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """The live apps that the person may use."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    apps = selectors.usable_apps(_user(request), text)
    return render(request, "runtime/directory.html", {"apps": apps, "text": text})


@page_of_app
@require_safe
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """To the first page of the app that the person's roles open, else to the refusal of its first."""
    live = live_app(slug)
    entries = menu(live, granted(_user(request), live))
    if entries:
        return redirect(entries[0]["url"])
    if not live.manifest.pages:
        raise Missing(_("This app has no pages yet."))
    first = live.manifest.pages[0].dataset
    kind = KINDS[PageKind.LIST]
    gateway.check_form(
        by=_user(request), live=live, dataset=live.dataset(first), action=kind.action, fields=()
    )
    raise Missing(_("This app has no page that could be opened from here."))


@page_of_app
@require_http_methods(["GET", "HEAD", "POST"])
def page(
    request: HttpRequest, slug: str, dataset: str, kind: str, record: uuid.UUID | None = None
) -> HttpResponse:
    """A page of the manifest. A form takes a POST, and a list for its search."""
    if request.method == "POST" and kind not in {PageKind.FORM, PageKind.LIST}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    return KINDS[kind].respond(request, place_of(live_app(slug), dataset, kind), record=record)


@page_of_app
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, dataset: str, record: uuid.UUID) -> HttpResponse:
    """A record's form, filled; values in clear of protected fields are never sent to it."""
    user, place = _user(request), _writable(slug, dataset)
    given = {"by": user, "live": place.live, "dataset": place.dataset}
    sheet = gateway.read_record(**given, fields=place.fields, record_id=record)
    fields = [item for item in place.fields if not item.is_over(sheet.created_at)]
    form = RecordForm(request.POST, fields=fields, kept=sheet.kept) if request.method == "POST" else None
    if form is not None and form.is_valid():
        seen = form.cleaned_data["key"]
        gateway.update_record(**given, record_id=record, seen=seen, values=form.values())
        messages.success(request, _("Saved."))
        return redirect(place.url("detail", record))
    # after the deed, whose refusal goes on record; that of a form to look at does not
    gateway.check_form(**given, action=Action.RECORD_UPDATE, fields=place.fields)
    if form is None:
        initial = {"key": sheet.updated_at.isoformat(), **sheet.plain}
        form = RecordForm(fields=fields, kept=sheet.kept, initial=initial)
    context = {"form": form, "rows": form.rows(), "back": place.url("detail", record), "changing": True}
    context["over"] = [item.label for item in place.fields if item not in fields]
    context |= frame(request, place, _("Edit"))
    return render(request, "runtime/form.html", context, status=422 if form.errors else 200)


@page_of_app
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, slug: str, dataset: str, record: uuid.UUID) -> HttpResponse:
    """Ask first, then delete."""
    user, place = _user(request), _writable(slug, dataset)
    given = {"by": user, "live": place.live, "dataset": place.dataset}
    if request.method == "POST":
        gateway.delete_record(**given, record_id=record)
        messages.success(request, _("The record is deleted."))
        return redirect(place.url("list"))
    gateway.check_form(**given, action=Action.RECORD_DELETE, fields=place.dataset.fields)
    sheet = gateway.read_record(**given, fields=place.fields, record_id=record)
    context = {"sheet": sheet, "back": place.url("detail", record)}
    context |= frame(request, place, _("Delete this record?"))
    return render(request, "runtime/delete.html", context)


@page_of_app
@require_POST
def reveal(request: HttpRequest, slug: str, dataset: str, record: uuid.UUID, field: str) -> HttpResponse:
    """One value in clear: its line for htmx, else the whole page with it."""
    user, place = _user(request), place_of(live_app(slug), dataset, PageKind.DETAIL)
    item = place.dataset.by_id.get(field)
    if item is None:
        raise Missing(_("This app has no such data."))
    cell = gateway.reveal_value(
        by=user,
        live=place.live,
        dataset=place.dataset,
        record_id=record,
        field=item,
    )
    if getattr(request, "htmx", False):
        line = row(place, record, cell, granted(user, place.live), by=user)
        return render(request, "runtime/_value.html", {"row": line})
    return KINDS[PageKind.DETAIL].respond(request, place, record=record, revealed=cell)


@page_of_app
@require_http_methods(["GET", "HEAD", "POST"])
def request_export(request: HttpRequest, slug: str, dataset: str) -> HttpResponse:
    """Ask for a copy of the dataset."""
    user, live = _user(request), live_app(slug)
    place = place_of(live, dataset, PageKind.LIST)
    may = granted(user, live)
    regions = [(code, region.label) for code, region in live.design.regions.items()]
    options: dict[str, Any] = {"regions": regions, "offer_raw": Action.VALUE_REVEAL in may}
    if request.method == "POST":
        form = ExportForm(request.POST, **options)
        if form.is_valid():
            made = services.request_export(
                by=user,
                live=live,
                dataset=place.dataset,
                key=once.redeem(form.cleaned_data["key"], user, f"export:{place.dataset.id}"),
                queue=queue,
                **form.values(),
            )
            return redirect(made.get_absolute_url())
    if Action.RECORD_EXPORT not in may:  # after the POST, so that policy itself refuses what was asked for
        raise NotAllowed(_("None of your roles in this app may export. Ask its owner for one that does."))
    if request.method != "POST":
        key = once.issue(user, f"export:{place.dataset.id}")
        form = ExportForm(initial={"key": key, "target": place.dataset.definition.region}, **options)
    context = {"form": form, "back": place.url("list"), "earlier": place.url("exports")}
    context |= frame(request, place, _("Export “%(data)s”") % {"data": place.dataset.title})
    return render(request, "runtime/request_export.html", context, status=422 if form.errors else 200)


@page_of_app
@require_safe
def exports(request: HttpRequest, slug: str, dataset: str) -> HttpResponse:
    """The person's exports of the dataset, newest first."""
    place = place_of(live_app(slug), dataset, PageKind.LIST)
    mine = selectors.exports_of(_user(request), place.live.id).filter(dataset=place.dataset.id)
    context: dict[str, Any] = {"exports": mine[:100], "new": place.url("request-export")}
    context |= frame(request, place, _("Your exports"))
    return render(request, "runtime/exports.html", context)


@page_of_app
@require_safe
def export(request: HttpRequest, slug: str, dataset: str, export: uuid.UUID) -> HttpResponse:
    """How an export stands; asks again by itself while it moves."""
    place = place_of(live_app(slug), dataset, PageKind.LIST)
    found = _export(_user(request), place, export)
    context = {"export": found, "progress": selectors.progress(found), "columns": about.told(found)}
    if getattr(request, "htmx", False):
        return render(request, "runtime/_export.html", context)
    context |= frame(request, place, _("Export of “%(data)s”") % {"data": found.dataset_title})
    return render(request, "runtime/export.html", context)


@page_of_app
@require_safe
def export_manifest(request: HttpRequest, slug: str, dataset: str, export: uuid.UUID) -> HttpResponse:
    """What the file is, for machines. It holds no value of a record."""
    found = _export(_user(request), place_of(live_app(slug), dataset, PageKind.LIST), export)
    response = JsonResponse(manifest(found), json_dumps_params={"indent": 1, "ensure_ascii": False})
    name = found.file_name.removesuffix(".csv")
    response["Content-Disposition"] = f'attachment; filename="{name}.manifest.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@page_of_app
@require_POST
def export_file(request: HttpRequest, slug: str, dataset: str, export: uuid.UUID) -> FileResponse:
    """The file. A POST, since it is recorded and no link in a message should fetch it."""
    place = place_of(live_app(slug), dataset, PageKind.LIST)
    _export(_user(request), place, export)
    found, path = services.take_file(by=_user(request), export_id=export)
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=found.file_name, content_type="text/csv; charset=utf-8"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _user(request: HttpRequest) -> Any:
    return request.user


def _writable(slug: str, dataset: str) -> Place:
    """Where records are changed: by the fields of the form, else by those of the record's page."""
    live = live_app(slug)
    kinds = {page.kind for page in live.manifest.pages if page.dataset == dataset}
    return place_of(live, dataset, PageKind.FORM if PageKind.FORM in kinds else PageKind.DETAIL)


def _export(user: Any, place: Place, export: uuid.UUID) -> Export:
    """The export, for its requester, at its own address alone."""
    found = Export.objects.filter(pk=export, app=place.live.id, dataset=place.dataset.id).first()
    if found is None:
        raise Missing(_("There is no such export, or it is not yours."))
    check_see_export(user, found)
    return found
