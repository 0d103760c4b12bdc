"""Writes of which templates a tenant offers; the templates are files (docs/adr/0054-templates.md)."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import AppVersion, TemplateRelease
from catalog.permissions import check_govern
from catalog.states import TEMPLATE, TemplateState
from catalog.templates import registry
from identity.errors import BadInput, Conflict
from identity.models import User
from ledger.events import Event
from ledger.log import record


@transaction.atomic
def list_releases(*, by: User) -> None:
    """A row for each template of the library, and for each older version that an app was made from.

    They say nothing yet: without a row a version is published as well.

    Raises:
        NotAllowed: `by` is no admin.
    """
    check_govern(by)
    known = {(one.id, one.version) for one in registry().values()}
    used = AppVersion.objects.filter(live_at__isnull=False).values_list("template_id", "template_version")
    TemplateRelease.objects.bulk_create(
        [
            TemplateRelease(tenant_id=by.tenant_id, template_id=template, version=version)
            for template, version in sorted(known | set(used.order_by().distinct()))
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def withdraw_template(*, by: User, release: TemplateRelease, reason: str) -> TemplateRelease:
    """Offer the version no longer. Apps made from it go on and carry a flag.

    Raises:
        NotAllowed: `by` is no admin.
        BadInput: no reason is given.
        Conflict: it is withdrawn already.
    """
    reason = reason.strip()
    if not reason:
        raise BadInput(_("Say why, so that the owners of apps made from it know what to do."))
    return _move(by, release, TemplateState.WITHDRAWN, Event.TEMPLATE_WITHDRAWN, reason)


@transaction.atomic
def publish_template(*, by: User, release: TemplateRelease) -> TemplateRelease:
    """Offer the version again.

    Raises:
        NotAllowed: `by` is no admin.
        Conflict: it is published already.
    """
    return _move(by, release, TemplateState.PUBLISHED, Event.TEMPLATE_PUBLISHED, "")


def _move(
    by: User, release: TemplateRelease, state: TemplateState, event: Event, reason: str
) -> TemplateRelease:
    check_govern(by)
    row = TemplateRelease.objects.select_for_update().get(pk=release.pk)
    if state not in TEMPLATE[TemplateState(row.state)].values():
        raise Conflict(_("This template has moved on: %(state)s.") % {"state": row.get_state_display()})
    row.state, row.reason, row.changed_at, row.changed_by = state, reason, timezone.now(), by
    row.save(update_fields=["state", "reason", "changed_at", "changed_by"])
    facts = {"template": row.template_id, "version": row.version}
    record(event, by=by, obj=f"templaterelease:{row.pk}", facts=facts)
    return row
