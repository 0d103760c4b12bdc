"""Who may read a request besides those whom it asks: named one by one (I3). A viewer decides nothing."""

import uuid

from django.db import transaction

from approvals.models import Request
from approvals.permissions import VIEW, check_name_viewers
from identity import services as identity
from identity.models import User
from identity.object_permissions import grant_on, named


@transaction.atomic
def add_viewer(*, by: User, request: Request, name: str) -> None:
    """Let a person or group read `request`; `name` is a user name, e-mail or the name of a group.

    Raises:
        NotAllowed: `by` neither asked for it nor looks after people.
        BadInput: nobody is called that.
    """
    check_name_viewers(by, request)
    identity.grant_permission(by=by, thing=request, permission=VIEW, to=named(by.tenant_id, name))


@transaction.atomic
def remove_viewer(*, by: User, request: Request, grant: uuid.UUID) -> None:
    """Take that right away.

    Raises:
        NotAllowed: as add_viewer.
        Missing: the request has no such viewer.
    """
    check_name_viewers(by, request)
    identity.revoke_permission(by=by, thing=request, permission=VIEW, to=grant_on(request, grant).holder)
