"""What happens to apps and drafts when their owner leaves (identity/offboarding.py): each gets a new owner,
who is told."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from catalog.models import App, Draft
from catalog.permissions import can_build
from catalog.selectors import co_ownerships
from catalog.states import AppState, DraftState
from identity.models import Role, User
from identity.offboarding import heirs
from identity.roles import holders
from ledger.events import Event
from ledger.log import record
from notices.kinds import Kind
from notices.services import notify


class OwnedApps:
    """The catalog's part of an offboarding."""

    @property
    def title(self) -> str:
        return _("Apps get a new owner")

    def run(self, user: User) -> Sequence[str]:
        """Each app goes to a co-owner who can build, else up the line of managers, else to an admin."""
        owned = App.objects.filter(owner=user).exclude(state=AppState.RETIRED).order_by("title", "pk")
        lines = [_pass_on(app_id, user) for app_id in owned.values_list("pk", flat=True)]
        lines += _pass_on_drafts(user)
        return [line for line in lines if line]


@transaction.atomic
def _pass_on(app_id: uuid.UUID, leaver: User) -> str:
    app = App.objects.select_for_update().get(pk=app_id)
    if app.owner_id != leaver.pk:
        return ""
    heir = _heir(app, leaver)
    if heir is None:
        return _("“%(app)s” has nobody to go to: add an admin, then try again") % {"app": app.title}
    co_ownerships(app.pk).filter(user=heir).delete()
    App.objects.filter(pk=app.pk).update(owner=heir)
    facts = {"from": str(leaver.pk), "to": str(heir.pk)}
    record(
        Event.APP_OWNER_CHANGED, by=None, tenant=app.tenant_id, app=app.pk, obj=f"app:{app.pk}", facts=facts
    )
    notify(
        kind=Kind.APP_INHERITED,
        key=f"{Kind.APP_INHERITED.value}:{app.pk}:{heir.pk}",
        tenant=app.tenant_id,
        person=heir,
        params={"title": app.title},
        path=app.get_absolute_url(),
    )
    return _("“%(app)s” belongs to %(heir)s now") % {"app": app.title, "heir": heir}


def _heir(app: App, leaver: User) -> User | None:
    shared = co_ownerships(app.pk).filter(user__is_active=True).select_related("user")
    builders = [row.user for row in shared if row.user_id != leaver.pk and can_build(row.user)]
    others = [*heirs(leaver), *(person for person in holders(Role.ADMIN) if person.pk != leaver.pk)]
    return next(iter([*builders, *others]), None)


def _pass_on_drafts(leaver: User) -> list[str]:
    """To whoever builds and is nearest; a draft that nobody can take stays, and is listed."""
    drafts = list(Draft.objects.filter(builder=leaver, state=DraftState.OPEN).order_by("pk"))
    heir = next((person for person in heirs(leaver) if can_build(person)), None)
    owners = dict(App.objects.filter(pk__in=[draft.app_id for draft in drafts]).values_list("pk", "owner"))
    lines = []
    for draft in drafts:
        new = owners.get(draft.app_id) or (heir.pk if heir else None)
        if new is None or new == leaver.pk:
            lines.append(_("the draft “%(draft)s” stays where it is") % {"draft": draft})
            continue
        Draft.objects.filter(pk=draft.pk).update(builder=new, revision=F("revision") + 1)
        facts = {"from": str(leaver.pk), "to": str(new)}
        record(Event.DRAFT_HANDED_OVER, by=None, tenant=draft.tenant_id, obj=f"draft:{draft.pk}", facts=facts)
        lines.append(_("the draft “%(draft)s” goes to the new owner") % {"draft": draft})
    return lines
