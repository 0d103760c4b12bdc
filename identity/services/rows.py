"""What every write to a person or a group checks."""

import re
import zoneinfo
from functools import cache

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict
from identity.models import Group, User

# Control characters, and those that turn the direction of the text around them: a name with one of these
# reads as another in a list, a message or a log (Unicode TR 36, 3.1 and TR 55).
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def check(row: User | Group) -> None:
    """Length and form of each value; uniqueness is left to the database, which alone can know."""
    _check_characters(row)
    try:
        row.clean_fields(exclude=["password", "manager", "tenant"])
    except ValidationError as error:
        name, texts = next(iter(error.message_dict.items()))
        raise BadInput(f"{name}: {texts[0]}", code=name) from error
    if not isinstance(row, User):
        return
    if row.time_zone not in _time_zones():
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


@cache
def _time_zones() -> set[str]:
    """The database's names; reading them walks a folder of hundreds of files."""
    return zoneinfo.available_timezones()


def _check_characters(row: User | Group) -> None:
    for field in row._meta.concrete_fields:
        if not isinstance(field, models.CharField) or field.name == "password":
            continue
        if _UNFIT.search(getattr(row, field.attname) or ""):
            text = _("%(name)s: it has characters that do not belong into a name.") % {"name": field.name}
            raise BadInput(text, code=field.name)
