"""Reads across apps and drafts. The database shows the tenant at hand alone."""

import uuid
from collections.abc import Mapping

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from approvals.models import Request
from catalog.models import App, AppUserGrant, AppVersion, Draft, TemplateRelease
from catalog.permissions import CHANGE
from catalog.states import PENDING, DraftState, TemplateState, VersionState
from catalog.templates import Template, registry
from identity.errors import Missing
from identity.models import Role, RoleGrant, User
from identity.object_permissions import things_of
from identity.tenancy import current_tenant

PAGE_SIZE = 25
MAX_VERSIONS = 50
MAX_PEOPLE = 10


def my_apps(user: User) -> QuerySet[App]:
    """Apps that `user` owns or co-owns, with the state of the version that is under way as `pending`."""
    shared = things_of(user, CHANGE, App).values("pk")
    under_way = AppVersion.objects.filter(
        app=OuterRef("pk"), state__in=[*PENDING, VersionState.LAUNCHING, VersionState.FAILED]
    ).order_by("-number")
    return (
        App.objects.filter(Q(owner=user) | Q(pk__in=shared))
        .select_related("owner", "live_version")
        .annotate(
            pending=Subquery(under_way.values("state")[:1]),
            pending_number=Subquery(under_way.values("number")[:1]),
            pending_request=Subquery(under_way.values("request")[:1]),
        )
        .order_by("title", "pk")
    )


def my_drafts(user: User) -> QuerySet[Draft]:
    """What `user` can go on with, the latest first, without the contents."""
    return (
        Draft.objects.filter(builder=user, state=DraftState.OPEN)
        .select_related("version")
        .defer("content", "version__manifest")
        .order_by("-changed_at")
    )


def draft(draft_id: uuid.UUID) -> Draft | None:
    """One draft with the version that it was handed in as."""
    return Draft.objects.select_related("version", "builder").filter(pk=draft_id).first()


def app_by_slug(slug: str) -> App | None:
    """One app with its live version."""
    return App.objects.select_related("owner", "live_version").filter(slug=slug).first()


def versions(app: App) -> list[AppVersion]:
    """The app's latest versions, newest first, without their manifests."""
    rows = app.versions.select_related("created_by").defer("manifest").order_by("-number")
    return list(rows[:MAX_VERSIONS])


def version(app: App, number: int) -> AppVersion | None:
    """One version by its number."""
    return AppVersion.objects.select_related("app", "created_by").filter(app=app, number=number).first()


def withdrawn_templates() -> Mapping[tuple[str, str], TemplateRelease]:
    """The versions of templates that are withdrawn, by id and version."""
    rows = TemplateRelease.objects.filter(state=TemplateState.WITHDRAWN)
    return {(row.template_id, row.version): row for row in rows}


def offered_templates() -> list[Template]:
    """What a new app can be made from."""
    gone = withdrawn_templates()
    return [one for one in registry().values() if (one.id, one.version) not in gone]


def withdrawal(template_id: str, version: str) -> TemplateRelease | None:
    """The withdrawal of that version of the template."""
    rows = TemplateRelease.objects.filter(state=TemplateState.WITHDRAWN)
    return rows.filter(template_id=template_id, version=version).first()


def co_ownerships(app_id: uuid.UUID) -> QuerySet[AppUserGrant]:
    """The rights of an app's co-owners, the longest first."""
    found = AppUserGrant.objects.filter(content_object=app_id, permission__codename=CHANGE)
    return found.order_by("granted_at", "pk")


def co_owners(app: App) -> list[AppUserGrant]:
    """Who may change the app beside its owner, by name, with who let them."""
    rows = co_ownerships(app.pk).select_related("user", "granted_by")
    return list(rows.order_by("user__display_name", "pk"))


def could_co_own(app: App, words: str) -> list[User]:
    """Active builders whose name holds `words`, without those who own the app already; a few, by name."""
    groups = RoleGrant.objects.filter(role=Role.BUILDER).values("group")
    shared = co_ownerships(app.pk).values("user")
    found = User.objects.filter(is_active=True, memberships__group__in=groups, display_name__icontains=words)
    found = found.exclude(pk=app.owner_id).exclude(pk__in=shared).distinct()
    return list(found.order_by("display_name", "pk")[:MAX_PEOPLE])


def colleague(person_id: uuid.UUID) -> User:
    """A person of the tenant at hand.

    Raises:
        Missing: nobody there has this id.
    """
    found = User.objects.filter(tenant=current_tenant(), pk=person_id).first()
    if found is None:
        raise Missing(_("There is no such person in your company."))
    return found


def requests_of(found: list[AppVersion]) -> dict[uuid.UUID, Request]:
    """The requests for approval of these versions by id, in one query."""
    return Request.objects.in_bulk([one.request for one in found if one.request])
