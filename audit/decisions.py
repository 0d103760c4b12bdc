"""One decision explained: what was said, by which rules, on which facts, and what it belongs to (P5)."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from approvals.models import Request
from audit.permissions import can_search
from audit.search import Filters, Found, search
from catalog.models import App
from catalog.permissions import owns
from identity.errors import Missing
from identity.models import Role, User
from identity.roles import roles_of
from policy.disclosure import disclosed
from policy.outcome import Kind
from policy.selectors import Kept, kept_decision, overridable_denials, rules_in_force, waivable_denials

TONES = {Kind.DENY: "stop", Kind.WARN: "warn", Kind.OK: "ok"}


@dataclass(frozen=True)
class Explained:
    """What a reader may know of a decision; `events` is empty for who may not read the record."""

    kept: Kept
    own: bool
    asker: str
    app: App | None
    facts: str
    checks: list[dict[str, Any]]
    request: Request | None
    events: Found
    searches: bool
    admin: bool

    @property
    def may_ask(self) -> bool:
        """Whether the reader was refused what an exception could let pass."""
        return self.own and self.app is not None and bool(waivable_denials(self.kept))

    @property
    def may_override(self) -> bool:
        """Whether the reader is an admin, and a person was refused what an admin can override."""
        someone = self.app is not None and self.kept.row.subject is not None
        return self.admin and someone and bool(overridable_denials(self.kept))


def explained(pk: uuid.UUID, *, reader: User) -> Explained:
    """The decision as `reader` may see it.

    Raises:
        Missing: there is none, or the reader neither asked, nor owns the app, nor reads the record.
    """
    kept = kept_decision(pk)
    nothing = Missing(_("There is no such decision, or it is not yours to see."))
    if kept is None:
        raise nothing
    own, searches = kept.row.subject == reader.pk, can_search(reader)
    app = App.objects.filter(pk=kept.row.app).first() if kept.row.app else None
    if not (own or searches or (app is not None and owns(reader, app))):
        raise nothing
    return Explained(
        kept=kept,
        own=own,
        asker=_name(kept.row.subject),
        app=app,
        facts=disclosed(kept.document, session=own or searches),
        checks=_checks(kept),
        request=Request.objects.filter(decision=kept.row.pk).first(),
        events=search(Filters(decision=kept.row.pk)) if searches else Found([], None),
        searches=searches,
        admin=Role.ADMIN in roles_of(reader),
    )


def _name(person: uuid.UUID | None) -> str:
    """Empty for a program, and for somebody whose account is gone."""
    if person is None:
        return ""
    return User.objects.filter(pk=person).values_list("display_name", flat=True).first() or ""


def _checks(kept: Kept) -> list[dict[str, Any]]:
    """The reasons for _components/checks.html; a rule that is no more has no page to lead to."""
    known = rules_in_force()
    return [
        {
            "tone": TONES[reason.kind],
            "text": reason.text,
            "remedy": reason.remedy,
            "code": reason.code,
            "rule": reason.code in known,
        }
        for reason in kept.reasons
    ]
