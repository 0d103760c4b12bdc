"""Who may do what in the data catalog."""

from django.utils.translation import gettext as _

from datacatalog.models import Dataset
from identity.errors import NotAllowed
from identity.models import Role, User
from identity.object_permissions import permissions_on
from identity.permissions import OVERSEERS
from identity.roles import roles_of

CHANGE = "change_dataset"  # the right that makes a steward of one dataset
STEWARDS = frozenset({Role.BUILDER, Role.REVIEWER, Role.SECURITY, Role.ADMIN})


def can_see(user: User) -> bool:
    """Everyone of the tenant may know which data there is; its values are another matter."""
    return user.is_active


def can_import(user: User) -> bool:
    """Whether `user` may bring in a contract."""
    return bool(STEWARDS & roles_of(user))


def check_import(user: User) -> None:
    """Raises NotAllowed unless `user` may bring in a contract."""
    if not can_import(user):
        raise NotAllowed(_("Builders, reviewers, security and admins import datasets. Ask one of them."))


def can_confirm(user: User, dataset: Dataset) -> bool:
    """Whether `user` may tag fields of `dataset`: by a role, or as its steward."""
    return bool(STEWARDS & roles_of(user)) or CHANGE in permissions_on(user, dataset)


def check_confirm(user: User, dataset: Dataset) -> None:
    """Raises NotAllowed unless `user` may tag fields of `dataset`."""
    if not can_confirm(user, dataset):
        raise NotAllowed(
            _("Builders, reviewers, security, admins and the dataset's stewards tag fields. Ask one.")
        )


def can_name_stewards(user: User, dataset: Dataset) -> bool:
    """Whether `user` may say who looks after `dataset`."""
    owns = user.is_active and dataset.owner_id == user.pk
    return owns or bool({Role.SECURITY, Role.ADMIN} & roles_of(user))


def check_name_stewards(user: User, dataset: Dataset) -> None:
    """Raises NotAllowed unless `user` may say who looks after `dataset`."""
    if not can_name_stewards(user, dataset):
        raise NotAllowed(_("The owner of a dataset, security and admins name its stewards. Ask one of them."))


def can_hold(user: User) -> bool:
    """Whether `user` may place and release legal holds."""
    return bool({Role.SECURITY, Role.ADMIN} & roles_of(user))


def check_hold(user: User) -> None:
    """Raises NotAllowed unless `user` may place and release legal holds."""
    if not can_hold(user):
        raise NotAllowed(_("Security and admins place and release legal holds. Ask one of them."))


def can_see_disposals(user: User) -> bool:
    """Whether `user` may see what is held and what was deleted."""
    return bool(OVERSEERS & roles_of(user))


def check_see_disposals(user: User) -> None:
    """Raises NotAllowed unless `user` may see what is held and what was deleted."""
    if not can_see_disposals(user):
        raise NotAllowed(_("Security, admins and auditors see what is kept and what was deleted."))


def can_see_subjects(user: User) -> bool:
    """Whether `user` may see the requests of data subjects; by what they are found is another matter."""
    return bool(OVERSEERS & roles_of(user))


def check_see_subjects(user: User) -> None:
    """Raises NotAllowed unless `user` may see the requests of data subjects."""
    if not can_see_subjects(user):
        raise NotAllowed(_("Security, admins and auditors see what people asked about their data."))


def can_work_subjects(user: User) -> bool:
    """Whether `user` may see to requests of data subjects, and read by what they are found."""
    return bool({Role.SECURITY, Role.ADMIN} & roles_of(user))


def check_work_subjects(user: User) -> None:
    """Raises NotAllowed unless `user` may see to requests of data subjects."""
    if not can_work_subjects(user):
        raise NotAllowed(_("Security and admins see to the requests of data subjects. Ask one of them."))


def can_see_lineage(user: User, dataset: Dataset) -> bool:
    """Whether `user` may see who uses `dataset` and where it went: by a role, or as its steward."""
    return bool((STEWARDS | OVERSEERS) & roles_of(user)) or CHANGE in permissions_on(user, dataset)


def check_see_lineage(user: User, dataset: Dataset) -> None:
    """Raises NotAllowed unless `user` may see who uses `dataset` and where it went."""
    if not can_see_lineage(user, dataset):
        raise NotAllowed(_("Builders, reviewers, auditors, admins and its stewards see where data went."))
