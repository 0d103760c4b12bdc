"""The auditor's pages."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.forms import SearchForm
from audit.permissions import check_search
from audit.search import Found, search


@require_safe
@login_required
def events(request: HttpRequest) -> HttpResponse:
    """The record of the tenant, with filters; older pages continue below."""
    check_search(request.user)  # type: ignore[arg-type]
    form = SearchForm(request.GET)
    before = request.GET.get("before", "")
    found = Found([], None)
    if form.is_valid():
        found = search(form.filters(), before=int(before) if before.isdecimal() else None)
    query = request.GET.copy()
    query.pop("before", None)
    context = {"form": form, "found": found, "query": query.urlencode(), "paged": bool(before)}
    return render(request, "audit/events.html", context)
