"""Events in words."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.events import Event

TITLES: dict[Event, Promise] = {
    Event.SIGNED_IN: gettext_lazy("Signed in"),
    Event.SIGN_IN_REFUSED: gettext_lazy("Sign-in refused"),
    Event.SIGNED_OUT: gettext_lazy("Signed out"),
    Event.STEPPED_UP: gettext_lazy("Confirmed with a second factor"),
    Event.TENANT_CREATED: gettext_lazy("Tenant created"),
    Event.USER_PROVISIONED: gettext_lazy("Person provisioned"),
    Event.USER_CHANGED: gettext_lazy("Person changed"),
    Event.USER_DEACTIVATED: gettext_lazy("Person deactivated"),
    Event.USER_REACTIVATED: gettext_lazy("Person reactivated"),
    Event.USER_REMOVED: gettext_lazy("Person removed"),
    Event.GROUP_PROVISIONED: gettext_lazy("Group provisioned"),
    Event.GROUP_CHANGED: gettext_lazy("Group changed"),
    Event.GROUP_REMOVED: gettext_lazy("Group removed"),
    Event.ROLE_GRANTED: gettext_lazy("Role granted"),
    Event.ROLE_REVOKED: gettext_lazy("Role revoked"),
    Event.SCIM_CLIENT_CREATED: gettext_lazy("SCIM client created"),
    Event.SCIM_CLIENT_REVOKED: gettext_lazy("SCIM client revoked"),
}


def title(kind: str) -> str:
    """The event's name for readers; one written by a later release is shown by its code."""
    try:
        return str(TITLES[Event(kind)])
    except (KeyError, ValueError):
        return kind


def person(who: uuid.UUID | None, names: Mapping[uuid.UUID, str]) -> str:
    """A name; the portal itself where nobody acted; who has been erased keeps only the id."""
    if who is None:
        return _("The portal")
    return names.get(who) or _("Person %(id)s") % {"id": str(who)[:8]}


def value(fact: Any) -> str:
    """A fact's value in one line."""
    if isinstance(fact, str):
        return fact
    if isinstance(fact, list) and all(isinstance(item, str) for item in fact):
        return ", ".join(fact)
    return json.dumps(fact, ensure_ascii=False)
