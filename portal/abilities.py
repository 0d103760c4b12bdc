"""What each portal role lets a person do, in plain words, from the very sets that the checks read (I3)."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals.permissions import READS_ALL
from audit.permissions import READERS
from catalog.permissions import OVERSEERS
from datacatalog.permissions import STEWARDS
from identity.models import Role
from identity.permissions import OVERSEERS as OVERSEES
from vault.permissions import SWITCHERS


@dataclass(frozen=True)
class Ability:
    """Something that holders of any of `roles` may do; `name` is the address where, if it has one."""

    text: Promise
    roles: frozenset[Role]
    name: str = ""

    @property
    def url(self) -> str:
        """Where it is done."""
        return reverse(self.name) if self.name else ""


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


ABILITIES = (
    Ability(_("Use the apps that admit one of the groups below"), _only(Role.END_USER), "runtime:directory"),
    Ability(
        _("See which data the company has and how it is tagged, not the data itself"),
        _only(Role.END_USER),
        "datacatalog:datasets",
    ),
    Ability(
        _("Ask for approvals, and decide those that ask by name"), _only(Role.END_USER), "approvals:inbox"
    ),
    Ability(
        _("Build apps from templates, submit them and change own ones"),
        _only(Role.BUILDER),
        "catalog:begin",
    ),
    Ability(_("See every app with its versions and what they would change"), OVERSEERS),
    Ability(_("Import data contracts and tag fields"), STEWARDS, "datacatalog:import"),
    Ability(_("Decide approvals that ask for a reviewer"), _only(Role.REVIEWER)),
    Ability(_("Decide approvals that ask for security"), _only(Role.SECURITY)),
    Ability(_("Read every request for approval, with its evidence"), READS_ALL),
    Ability(_("Search the whole audit log"), READERS, "audit:events"),
    Ability(_("See which keys seal the data, how old they are and how they are used"), OVERSEES, "keys"),
    Ability(_("Switch off the key to all data in an emergency"), SWITCHERS),
    Ability(
        _("See who left and what became of their things"),
        _only(Role.ADMIN, Role.SECURITY, Role.AUDITOR),
        "offboardings",
    ),
    Ability(_("Retire any app"), _only(Role.ADMIN)),
    Ability(_("Decide which group grants which role"), _only(Role.ADMIN), "roles"),
    Ability(_("See what anybody may do, and why"), _only(Role.ADMIN), "people"),
    Ability(_("Set up providers, tokens, keys and classifications"), _only(Role.ADMIN), "admin:index"),
)


def abilities_of(role: Role) -> list[Ability]:
    """What `role` by itself lets its holders do."""
    return [one for one in ABILITIES if role in one.roles]
