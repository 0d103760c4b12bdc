"""What every write to a person or a group checks."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict
from identity.models import Group, User


def check(row: User | Group) -> None:
    """Length and form of each value; uniqueness is left to the database, which alone can know."""
    try:
        row.clean_fields(exclude=["password", "manager", "tenant"])
    except ValidationError as error:
        name, texts = next(iter(error.message_dict.items()))
        raise BadInput(f"{name}: {texts[0]}", code=name) from error
    if not isinstance(row, User):
        return
    if row.time_zone not in zoneinfo.available_timezones():
        raise BadInput(_("The time zone is not one of the IANA database."), code="time_zone")
    if row.manager_id is None:
        return
    same_tenant = User.objects.filter(pk=row.manager_id, tenant_id=row.tenant_id, removed_at=None)
    if row.manager_id == row.pk or not same_tenant.exists():
        raise BadInput(_("The manager is not among the people of this tenant."), code="manager")


def save(row: User | Group, *, creating: bool = False) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=creating)
    except IntegrityError as error:
        raise Conflict(
            _("Another account or group has this name or this id at the provider."), code="uniqueness"
        ) from error
