"""Who looks after one dataset: may tag its fields without any role, and nothing else (I3)."""

import uuid

from django.db import transaction

from datacatalog.models import Dataset
from datacatalog.permissions import CHANGE, check_name_stewards
from identity import services as identity
from identity.models import User
from identity.object_permissions import grant_on, named


@transaction.atomic
def add_steward(*, by: User, dataset: Dataset, name: str) -> None:
    """Let a person or group tag the fields of `dataset`; `name` is a user name, e-mail or a group's name.

    Raises:
        NotAllowed: `by` neither owns it nor is admin or security.
        BadInput: nobody is called that.
    """
    check_name_stewards(by, dataset)
    identity.grant_permission(by=by, thing=dataset, permission=CHANGE, to=named(by.tenant_id, name))


@transaction.atomic
def remove_steward(*, by: User, dataset: Dataset, grant: uuid.UUID) -> None:
    """Take that right away.

    Raises:
        NotAllowed: as add_steward.
        Missing: the dataset has no such steward.
    """
    check_name_stewards(by, dataset)
    identity.revoke_permission(by=by, thing=dataset, permission=CHANGE, to=grant_on(dataset, grant).holder)
