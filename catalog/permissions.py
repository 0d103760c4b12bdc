"""Who may build, change and see apps. `check_x` raises, `can_x` tells."""

from django.utils.translation import gettext as _

from catalog.manifest import Manifest
from catalog.models import App, Draft
from catalog.states import AppState
from identity.errors import BadInput, DomainError, Missing, NotAllowed
from identity.models import Role, User
from identity.object_permissions import permissions_on
from identity.roles import roles_of

CHANGE = "change_app"  # the right that makes a co-owner

# they answer for apps of others: see all, change none
OVERSEERS = frozenset({Role.REVIEWER, Role.SECURITY, Role.ADMIN, Role.AUDITOR})


def check_build(user: User) -> None:
    """Raise NotAllowed unless `user` may make apps."""
    if Role.BUILDER not in roles_of(user):
        raise NotAllowed(
            _("Only builders can make apps. Ask your platform admins to add you to a group of builders.")
        )


def can_build(user: User) -> bool:
    """Whether `user` may make apps."""
    return _passes(check_build, user)


def check_govern(user: User) -> None:
    """Raise NotAllowed unless `user` may say which templates are offered."""
    if Role.ADMIN not in roles_of(user):
        raise NotAllowed(_("Only platform admins publish and withdraw templates."))


def check_draft(user: User, draft: Draft | None) -> Draft:
    """The draft, for its builder alone; others do not learn that it exists."""
    if draft is None or draft.builder_id != user.pk:
        raise Missing(_("There is no such draft, or it is not yours."))
    check_build(user)
    return draft


def owns(user: User, app: App) -> bool:
    """Whether `user` is the app's owner or a co-owner."""
    return app.owner_id == user.pk or CHANGE in permissions_on(user, app)


def can_oversee(user: User) -> bool:
    """Whether `user` answers for the apps of others."""
    return bool(roles_of(user) & OVERSEERS)


def check_see(user: User, app: App | None) -> App:
    """The app, for its owners and those who oversee apps; to others it does not exist."""
    if app is not None and (can_oversee(user) or owns(user, app)):
        return app
    raise Missing(_("There is no such app, or it is not yours."))


def check_change(user: User, app: App) -> None:
    """Raise NotAllowed unless `user` owns the app and may build."""
    check_see(user, app)
    check_build(user)
    if not owns(user, app):
        raise NotAllowed(
            _("Only the owners of this app can change it. Ask %(owner)s.") % {"owner": app.owner}
        )


def can_change(user: User, app: App) -> bool:
    """Whether `user` may change the app."""
    return _passes(check_change, user, app)


def check_new_version(app: App, manifest: Manifest, *, by: User) -> None:
    """Whether `manifest` may be the next version of `app`: what a live app cannot follow is refused here.

    Raises:
        BadInput: it moves a live app's records to another region, or changes its address.
        NotAllowed: it names another owner, and `by` is not the one who is.
    """
    if app.state == AppState.LIVE and manifest.hosting.region != app.region:
        raise BadInput(
            _(
                "The records of this app lie in the region “%(region)s”, and a new version cannot move them. "
                "Choose that region again, or build a new app in the other one and bring the records over."
            )
            % {"region": app.region}
        )
    if app.state == AppState.LIVE and manifest.metadata.name != app.slug:
        raise BadInput(
            _("People know this app at its address “%(name)s”; it stays. Change its name instead.")
            % {"name": app.slug}
        )
    if manifest.metadata.owner != str(app.owner_id) and by.pk != app.owner_id and app.owner.is_active:
        raise NotAllowed(_("Only %(owner)s can hand this app over to somebody else.") % {"owner": app.owner})


def check_retire(user: User, app: App) -> None:
    """Raise NotAllowed unless `user` owns the app or is an admin."""
    check_see(user, app)
    if not owns(user, app) and Role.ADMIN not in roles_of(user):
        raise NotAllowed(_("Only an owner or a platform admin can retire this app."))


def can_retire(user: User, app: App) -> bool:
    """Whether `user` may retire the app."""
    return _passes(check_retire, user, app)


def _passes(check: object, *args: object) -> bool:
    try:
        check(*args)  # type: ignore[operator]
    except DomainError:
        return False
    return True
