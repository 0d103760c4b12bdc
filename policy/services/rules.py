"""Rules proposed, taken back, refused (P4, P6, docs/adr/0080). Publishing is in publishing.py."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from approvals import services as approvals
from approvals.steps import plan
from identity.errors import BadInput, Conflict, Missing, NotAllowed, TooLarge
from identity.models import Tenant, User
from ledger.events import Event
from ledger.log import Actor, record
from policy.models import RulesVersion
from policy.rulebook import LIBRARY, Rulebook, files_in, is_test
from policy.states import OPEN_VERSIONS, VersionState, version_may_move
from policy.versions import check_change, decided_by

CHECK_TASK = "policy.check_rules"
STEPS: tuple[Mapping[str, Any], ...] = ({"role": "security", "order": 1},)
MOST_FILES = 200
MOST_BYTES = 1024 * 1024
MOST_MESSAGE = 2000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}\.rego\Z")


@transaction.atomic
def propose_rules(*, by: User, files: Mapping[str, str], message: str) -> RulesVersion:
    """Propose rules; they are checked next. The same again, while they are open, gives the same version.

    Raises:
        NotAllowed: `by` changes no rules.
        BadInput, TooLarge: the files are no rules, or they are those in force.
        Conflict: the same rules are open with other tests.
        NoEligibleApprover: nobody but `by` could review them.
    """
    check_change(by)
    message = _message(message)
    _check_files(files)
    # one after the other: what is open, and which number is next, is looked at under this lock
    Tenant.objects.select_for_update(no_key=True).get(pk=by.tenant_id)
    rules = Rulebook.of(files)
    base = decided_by().revision
    if rules.revision == base:
        raise BadInput(_("These are the rules that are in force: nothing would change."), code="no_change")
    if earlier := RulesVersion.objects.filter(revision=rules.revision, state__in=OPEN_VERSIONS).first():
        if earlier.files == dict(files):
            return earlier
        text = _(
            "The same rules with other tests are open already (version %(number)d): take those back first."
        )
        raise Conflict(text % {"number": earlier.number})
    plan(STEPS, requester=by)
    last = RulesVersion.objects.aggregate(last=Max("number"))["last"] or 0
    row = RulesVersion.objects.create(
        tenant_id=by.tenant_id,
        number=last + 1,
        revision=rules.revision,
        files=dict(files),
        base=base,
        message=message,
        author=by,
    )
    note(Event.RULES_PROPOSED, row, by=by, facts={"base": base, "files": len(files)})
    arguments = [str(row.pk), str(row.tenant_id)]
    transaction.on_commit(lambda: current_app.send_task(CHECK_TASK, args=arguments), robust=True)
    return row


def propose_release(*, by: User) -> RulesVersion:
    """Propose the rules that this release ships, which an upgrade never puts in force by itself."""
    return propose_rules(by=by, files=files_in(LIBRARY), message=_("The rules of the release."))


@transaction.atomic
def withdraw_rules(*, by: User, version_id: uuid.UUID) -> None:
    """Take the own proposal back.

    Raises:
        Missing, NotAllowed: it is not there, or another's.
        Conflict: it is not open.
    """
    known = RulesVersion.objects.filter(pk=version_id).only("author", "state", "request").first()
    if known is not None and known.author_id != by.pk:
        raise NotAllowed(_("Only who proposed it can take it back."))
    if known is not None and known.state == VersionState.IN_REVIEW and known.request:
        # requests are locked before what they are about; it comes back through close_rules
        approvals.withdraw(by=by, request_id=known.request)
        return
    row = locked(version_id)
    if row.state != VersionState.CHECKING:
        raise Conflict(_("This version has moved on: %(state)s.") % {"state": row.get_state_display()})
    move(row, VersionState.WITHDRAWN)
    note(Event.RULES_WITHDRAWN, row, by=by)


@transaction.atomic
def close_rules(*, version_id: uuid.UUID, withdrawn: bool) -> None:
    """People said no, or nobody answered, or it was taken back."""
    row = locked(version_id)
    if row.state == VersionState.IN_REVIEW:
        move(row, VersionState.WITHDRAWN if withdrawn else VersionState.REFUSED)
        note(Event.RULES_WITHDRAWN if withdrawn else Event.RULES_REFUSED, row, by=None)


def locked(version_id: uuid.UUID) -> RulesVersion:
    """The version under its lock.

    Raises:
        Missing: there is none.
    """
    rows = RulesVersion.objects.select_for_update(of=("self",)).select_related("author")
    row = rows.filter(pk=version_id).first()
    if row is None:
        raise Missing(_("There is no such version of the rules."))
    return row


def move(row: RulesVersion, state: VersionState, **values: Any) -> None:
    """To another state, which the table has to know.

    Raises:
        Conflict: it does not.
    """
    if not version_may_move(row.state, state):
        raise Conflict(_("This version has moved on: %(state)s.") % {"state": row.get_state_display()})
    row.state = state
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *values])


def note(
    event: Event, row: RulesVersion, *, by: Actor | None, facts: Mapping[str, Any] | None = None
) -> None:
    """An event about a version; texts stay out of it."""
    told = {"number": row.number, "revision": row.revision, **(facts or {})}
    record(event, by=by, tenant=row.tenant_id, person=row.author_id, obj=row.obj, facts=told)


def _message(message: str) -> str:
    text = message.strip()
    if not text or len(text) > MOST_MESSAGE or "\x00" in text:
        words = _("Say why, in at most %(most)d characters.")
        raise BadInput(words % {"most": MOST_MESSAGE}, code="message")
    return text


def _check_files(files: Mapping[str, str]) -> None:
    if wrong := next((name for name in files if not _NAME.match(name)), None):
        text = _("“%(name)s” is no name of a rule file: small letters, digits, “_”, and “.rego”.")
        raise BadInput(text % {"name": wrong[:80]}, code="file_name")
    if "main.rego" not in files or all(is_test(name) for name in files):
        raise BadInput(_("There is no main.rego, which every decision begins with."), code="no_main")
    try:
        size = sum(len(text.encode()) for text in files.values())
    except UnicodeEncodeError:
        raise BadInput(_("A file is no text in UTF-8."), code="not_utf8") from None
    if any("\x00" in text for text in files.values()):
        raise BadInput(_("A file is no text in UTF-8."), code="not_utf8")
    if len(files) > MOST_FILES or size > MOST_BYTES:
        text = _("At most %(files)d files, %(size)d KiB together.")
        raise TooLarge(text % {"files": MOST_FILES, "size": MOST_BYTES // 1024}, code="too_large")
