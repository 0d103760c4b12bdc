"""A form sent twice acts once: its hidden key is the id of what it makes.

The key is signed for one person and one purpose, so that nobody can pick ids or use another's form.
"""

import uuid

from django.core import signing
from django.utils.translation import gettext as _

from identity.errors import BadInput
from identity.models import User
from identity.tenancy import uuid7

SALT = "runtime.once"


def issue(by: User, purpose: uuid.UUID | str) -> str:
    """A key for a new form."""
    return signing.dumps([str(uuid7()), str(by.pk), str(purpose)], salt=SALT)


def redeem(key: str, by: User, purpose: uuid.UUID | str) -> uuid.UUID:
    """The id in a form's key.

    Raises:
        BadInput: it was not issued to this person for this.
    """
    try:
        made, person, about = signing.loads(key, salt=SALT)
    except (signing.BadSignature, ValueError):
        made = person = about = ""
    if (person, about) != (str(by.pk), str(purpose)):
        raise BadInput(_("This form is out of date. Reload the page and fill it in again."), code="form_key")
    return uuid.UUID(made)
