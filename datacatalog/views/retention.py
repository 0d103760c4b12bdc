"""What is kept for how long, what holds it, and what was deleted (D6)."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from datacatalog import permissions, services
from datacatalog.forms import HoldForm
from datacatalog.models import Disposal, LegalHold
from datacatalog.selectors import labels_of_fields, schedule
from datacatalog.views.answers import PAGE_SIZE, person


@require_safe
@login_required
def retention(request: HttpRequest) -> HttpResponse:
    """Datasets of apps with what is deleted when, and whether a hold keeps it."""
    context = _page(request, Paginator(schedule(), PAGE_SIZE), "retention")
    return render(request, "datacatalog/retention.html", context)


@require_safe
@login_required
def disposals(request: HttpRequest) -> HttpResponse:
    """What was deleted, newest first; each with its proof on the record."""
    context = _page(request, Paginator(Disposal.objects.all(), PAGE_SIZE), "disposals")
    labels = labels_of_fields({row.dataset for row in context["page"]})
    context["rows"] = [
        (row, ", ".join(labels.get((row.dataset, name), name) for name in row.fields))
        for row in context["page"]
    ]
    return render(request, "datacatalog/disposals.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def holds(request: HttpRequest) -> HttpResponse:
    """Legal holds, those in force first; a POST places one."""
    user = person(request)
    rows = LegalHold.objects.select_related("dataset", "placed_by", "released_by")
    context = _page(request, Paginator(rows.order_by("released_at", "-placed_at", "-id"), PAGE_SIZE), "holds")
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        permissions.check_hold(user)
        if form.is_valid():
            services.place_hold(by=user, **form.cleaned_data)
            messages.success(request, _("The hold is in force. Nothing that it covers is deleted."))
            return redirect("datacatalog:holds")
    context |= {"form": form, "may_hold": permissions.can_hold(user)}
    return render(request, "datacatalog/holds.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def release(request: HttpRequest, hold_id: uuid.UUID) -> HttpResponse:
    """Release a hold."""
    services.release_hold(by=person(request), hold_id=hold_id, reason=request.POST.get("reason", ""))
    messages.success(request, _("The hold is released. What was due meanwhile goes within the hour."))
    return redirect("datacatalog:holds")


def _page(request: HttpRequest, pages: "Paginator[Any]", current: str) -> dict[str, Any]:
    permissions.check_see_disposals(person(request))
    page = pages.get_page(request.GET.get("page"))
    labels = {"retention": _("Schedule"), "holds": _("Legal holds"), "disposals": _("What was deleted")}
    tabs = [
        {"label": label, "url": reverse(f"datacatalog:{name}"), "current": name == current}
        for name, label in labels.items()
    ]
    return {"page": page, "pages": pages.get_elided_page_range(page.number), "tabs": tabs}
