"""The table of groups and portal roles: ticked, previewed by name, saved exactly as previewed (I3)."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from identity import role_table, services
from identity.effects import Effect, Total
from identity.errors import Conflict
from identity.models import Group, Role, RoleChange
from portal.admin_pages import admin_page, person, words_of

PAGE_SIZE = 25


@require_http_methods(["GET", "POST"])
@admin_page
def table(request: HttpRequest) -> HttpResponse:
    """Groups with a box for each role; what is ticked is kept as a plan and takes no effect yet."""
    if request.method == "POST":
        return _plan(request)
    words, granting = words_of(request), bool(request.GET.get("granting"))
    page = Paginator(role_table.groups(words, granting=granting), PAGE_SIZE).get_page(request.GET.get("page"))
    plan = role_table.plan_of(person(request))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "rows": _rows(page, plan),
        "roles": Role.grantable(),
        "planned": len(plan.changes) if plan else 0,
        "words": words,
        "granting": granting,
    }
    return render(request, "portal/roles.html", context)


def _plan(request: HttpRequest) -> HttpResponse:
    plan = services.plan_roles(by=person(request), shown=_ids(request.POST), granted=_ticked(request.POST))
    if getattr(request, "htmx", False):
        return render(request, "portal/_role_plan.html", {"planned": len(plan.changes)})
    if "preview" in request.POST:
        return redirect("roles-preview")
    return HttpResponseRedirect(request.get_full_path())


@require_http_methods(["GET", "POST"])
@admin_page
def preview(request: HttpRequest) -> HttpResponse:
    """Who gains and who loses what through the plan; sent, it is saved if that is still so."""
    if request.method == "GET":
        return _preview(request)
    try:
        effect = services.save_roles(by=person(request), seen=request.POST.get("seen", ""))
    except Conflict as conflict:
        return _preview(request, conflict.message)
    changed = len(effect.before ^ effect.after)
    text = ngettext("%(n)d grant saved.", "%(n)d grants saved.", changed) % {"n": changed}
    messages.success(request, text + " " + _("It counts from everybody's next click."))
    return redirect("roles")


@require_POST
@admin_page
def discard(request: HttpRequest) -> HttpResponse:
    """Forget the plan."""
    services.discard_role_plan(by=person(request))
    return redirect("roles")


def _preview(request: HttpRequest, conflict: str = "") -> HttpResponse:
    user, words = person(request), words_of(request)
    effect = role_table.effect_of(role_table.planned(role_table.plan_of(user)))
    page = Paginator(effect.people(words), PAGE_SIZE).get_page(request.GET.get("page"))
    totals = effect.totals()
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "people": [(one, _labels(one.gained), _labels(one.lost)) for one in page],
        "words": words,
        "lines": _lines(effect),
        "totals": [(Role(role), total) for role, total in totals.items() if total.gained or total.lost],
        "refused": role_table.takes_last_admin(totals),
        "warnings": _warnings(totals, effect.of(user.pk)[1]),
        "seen": effect.digest(),
        "conflict": conflict,
    }
    return render(request, "portal/roles_preview.html", context, status=409 if conflict else 200)


def _rows(page: "Page[Group]", plan: RoleChange | None) -> list[dict[str, Any]]:
    """Each group with its boxes: whether ticked, and whether that differs from what counts now."""
    now = role_table.grants_of(group.pk for group in page)
    planned = {(group, role): on for group, role, on in role_table.planned(plan)}
    return [
        {
            "group": group,
            "boxes": [
                {
                    "role": role,
                    "value": f"{group.pk}:{role.value}",
                    "ticked": planned.get((group.pk, role.value), (group.pk, role.value) in now),
                    "changed": (group.pk, role.value) in planned,
                }
                for role in Role.grantable()
            ],
        }
        for group in page
    ]


def _lines(effect: Effect) -> list[dict[str, str]]:
    """The grants that change, by group, for _components/diff.html."""
    pairs = effect.before ^ effect.after
    names = role_table.names_of(group for group, _role in pairs)
    lines = [
        (
            names.get(group, ""),
            str(Role(role).label),
            "added" if (group, role) in effect.after else "removed",
        )
        for group, role in pairs
    ]
    return [{"kind": kind, "text": f"{name} → {role}"} for name, role, kind in sorted(lines)]


def _warnings(totals: dict[str, Total], own_loss: tuple[str, ...]) -> list[str]:
    texts = [
        _("Nobody will hold the role %(role)s: requests that ask for it will wait until somebody does.")
        % {"role": role.label}
        for role in role_table.left_without(totals)
    ]
    if Role.ADMIN in own_loss:
        texts.append(_("You will no longer be admin yourself, and cannot take this back."))
    return texts


def _labels(roles: tuple[str, ...]) -> list[str]:
    return [str(Role(role).label) for role in roles]


def _ids(post: QueryDict) -> list[uuid.UUID]:
    return [one for one in map(_uuid, post.getlist("shown")) if one]


def _ticked(post: QueryDict) -> frozenset[tuple[uuid.UUID, str]]:
    pairs = (text.partition(":") for text in post.getlist("grant"))
    # an id that is none belongs to no row of the page, which the service refuses
    return frozenset((_uuid(group) or uuid.UUID(int=0), role) for group, _colon, role in pairs)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
