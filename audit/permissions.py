"""Who may read the record. An app's own timeline is shown to whoever may manage that app (catalog)."""

from django.utils.translation import gettext as _

from identity.errors import NotAllowed
from identity.models import User
from identity.roles import Role, roles_of

READERS = frozenset({Role.AUDITOR, Role.SECURITY, Role.ADMIN})


def can_search(user: User) -> bool:
    """Whether `user` may search the whole record of the tenant."""
    return bool(READERS & roles_of(user))


def check_search(user: User) -> None:
    """Raises:
    NotAllowed: `user` is neither auditor, security nor admin.
    """
    if not can_search(user):
        raise NotAllowed(
            _("The audit log is open to auditors, security and admins. Ask one of them for an extract."),
            code="audit.readers_only",
        )
