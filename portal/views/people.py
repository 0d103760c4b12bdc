"""Who may do what and why: the reader's page, for admins anyone's; who holds which role in which app."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import app_access
from catalog.models import App
from identity import role_table
from identity.errors import Missing
from identity.models import Role, User
from portal.access import explain
from portal.admin_pages import admin_page, person, words_of

PAGE_SIZE = 25


@require_safe
@login_required
def own_access(request: HttpRequest) -> HttpResponse:
    """What the reader may do, and why."""
    return _access(request, person(request), own=True)


@require_safe
@admin_page
def access_of(request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
    """The same of anyone of the admin's tenant."""
    found = User.objects.filter(pk=person_id, tenant=person(request).tenant_id).first()
    if found is None:
        raise Missing(_("There is no such person."))
    return _access(request, found, own=False)


def _access(request: HttpRequest, user: User, *, own: bool) -> HttpResponse:
    words = words_of(request)
    context = {"who": user, "own": own, "words": words, "access": explain(user, words)}
    return render(request, "portal/access.html", context)


@require_safe
@admin_page
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the tenant with the portal roles of each."""
    words, role = words_of(request), request.GET.get("role", "")
    role = role if role in Role.grantable() else ""
    found = role_table.people(person(request).tenant_id, words, role)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    held = role_table.roles_by_person(one.pk for one in page)
    rows = [(one, [Role(name).label for name in held.get(one.pk, ())]) for one in page]
    context = {**_paged(page), "rows": rows, "words": words, "role": role, "roles": Role.grantable()}
    return render(request, "portal/people.html", context)


@require_safe
@admin_page
def app_roles(request: HttpRequest) -> HttpResponse:
    """Live apps with their roles, the groups that hold them, and how many people these are."""
    words = words_of(request)
    page = Paginator(app_access.live_apps(words), PAGE_SIZE).get_page(request.GET.get("page"))
    counts = app_access.holder_counts(list(page))
    rows = [
        (app, role, counts.get((app.pk, role.key), 0))
        for app in page
        if app.live_version
        for role in app.live_version.parsed.roles
    ]
    return render(request, "portal/app_roles.html", {**_paged(page), "rows": rows, "words": words})


@require_safe
@admin_page
def app_role_holders(request: HttpRequest, slug: str) -> HttpResponse:
    """Who holds which role in one app, and through which group."""
    app = app_access.live_apps().filter(slug=slug).first()
    if app is None or app.live_version is None:
        raise Missing(_("There is no live app at this address."))
    words, roles = words_of(request), app.live_version.parsed.roles
    page = Paginator(app_access.holders_of(roles).people(words), PAGE_SIZE).get_page(request.GET.get("page"))
    via = app_access.groups_giving(roles, [one.id for one in page])
    titles = {role.key: role.title for role in roles}
    rows = [(one, [titles[key] for key in one.gained], via.get(one.id, [])) for one in page]
    context = {**_paged(page), "app": app, "roles": roles, "rows": rows, "words": words}
    return render(request, "portal/app_role_holders.html", context)


def _paged(page: "Page[User] | Page[App] | Page[Any]") -> dict[str, Any]:
    return {"page": page, "pages": page.paginator.get_elided_page_range(page.number)}
