"""Reads of the life of the rules: what is in force by the database, what was, and who may take part."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from identity.errors import Missing, NotAllowed
from identity.models import Role, User
from identity.permissions import OVERSEERS
from identity.roles import roles_of
from policy.file_diffs import FileDiff, diffs
from policy.models import RulesInForce, RulesVersion
from policy.rulebook import LIBRARY, Rulebook, files_in, shipped
from policy.steward import operating_tenant
from policy.versions_words import NOBODY

CHANGERS = frozenset({Role.SECURITY, Role.ADMIN})


def can_read(user: User) -> bool:
    """Whether `user` may read versions: who oversees the operating tenant."""
    return bool(roles_of(user) & OVERSEERS) and user.tenant_id == operating_tenant()


def check_read(user: User) -> None:
    """Raise unless `user` may read versions.

    Raises:
        NotAllowed: he oversees nothing, or there is no operating tenant.
        Missing: he is of another tenant: the platform's rules are none of his business.
    """
    operator = operating_tenant()
    if operator is not None and user.tenant_id != operator:
        raise Missing(_("There is no such page."))
    if not roles_of(user) & OVERSEERS:
        raise NotAllowed(_("Only platform admins, security and auditors see how the rules change."))
    if operator is None:
        raise NotAllowed(str(NOBODY))


def can_change(user: User) -> bool:
    """Whether `user` may propose rules, and roll them back."""
    return bool(roles_of(user) & CHANGERS) and user.tenant_id == operating_tenant()


def check_change(user: User) -> None:
    """Raise NotAllowed unless `user` may propose rules, and roll them back."""
    if operating_tenant() is None:
        raise NotAllowed(str(NOBODY))
    if not can_change(user):
        raise NotAllowed(_("Only security and admins of the operating tenant change the rules."))


def newest() -> RulesInForce | None:
    """What was put in force last; None while the release's own rules decide."""
    return RulesInForce.objects.order_by("-id").first()


def decided_by() -> Rulebook:
    """The rules in force as the database has them in this transaction."""
    row = newest()
    return row.rulebook if row else shipped()


def versions() -> "QuerySet[RulesVersion]":
    """Newest first, without their texts."""
    return RulesVersion.objects.select_related("author").defer("files", "checks")


@dataclass(frozen=True)
class Compared:
    """What a version changes; `base_known` is False where what it was proposed against is kept nowhere."""

    files: list[FileDiff]
    base_known: bool = True


def compared(version: RulesVersion) -> Compared:
    """The version beside what was in force when it was proposed, tests included where those are kept."""
    base = files_of(version.base)
    if base is None:
        return Compared(diffs({}, version.files), base_known=False)
    tests_known = any(name not in dict(Rulebook.of(base).modules) for name in base)
    after = version.files if tests_known else dict(version.rulebook.modules)
    return Compared(diffs(base, after))


def files_of(revision: str) -> dict[str, str] | None:
    """The texts of a revision that is, or was, in force; None where they are not kept."""
    if revision == shipped().revision:
        return files_in(LIBRARY)
    row = RulesInForce.objects.filter(revision=revision).order_by("-id").first()
    if row is None:
        return None
    version = RulesVersion.objects.filter(pk=row.version).first() if row.version else None
    return dict(version.files if version else row.modules)


def is_release_waiting() -> bool:
    """Whether the release ships other rules than the one of before did, and than those in force."""
    row = newest()
    return row is not None and shipped().revision not in {row.base, row.revision}
