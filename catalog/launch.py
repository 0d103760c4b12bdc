"""From an approved version to a live one: tables first, then, in one transaction, the pointer.

Making tables commits on a connection of its own (datacatalog/tables.py) and only adds, so the older version
works on until the pointer moves. Killed at any point, the version is still `launching`; running again
finishes. A version that cannot be launched is given up with a reason, and what it made is taken away if
nothing uses it.
"""

import logging
import uuid
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from catalog import services
from catalog.models import AppVersion
from catalog.specs import specs
from catalog.states import AppState, VersionState
from datacatalog.services.apps import drop_storage, ensure_storage
from datacatalog.specs import DatasetSpec
from datacatalog.tables import TypeChanged
from identity.errors import BadInput, DomainError
from identity.tenancy import tenant_scope
from vault import services as vault

logger = logging.getLogger(__name__)
MAX_TRIES = 5
BATCH = 100
STALE_SECONDS = 60  # a launch takes milliseconds; one this old has lost its worker


def launch(version_id: uuid.UUID, tenant: uuid.UUID) -> bool:
    """Bring a launching version live. True if this call did; False if it is done, given up or failed for now.

    Safe to run twice, at once or after a kill.
    """
    wanted = _begin(version_id, tenant)
    if wanted is None:
        return False
    if not wanted:
        return _give_up(version_id, tenant, "too many attempts")
    try:
        if any(field.protected for spec in wanted for field in spec.fields):
            with tenant_scope(tenant):
                vault.provision_app(by=None, tenant=tenant, app=wanted[0].app)
        for spec in wanted:
            with tenant_scope(tenant):
                ensure_storage(by=None, spec=spec)
        with tenant_scope(tenant):
            return services.finish_launch(version_id=version_id)
    except (TypeChanged, BadInput) as error:  # trying again would not change it
        return _give_up(version_id, tenant, error.message)
    except DomainError as error:
        logger.warning("launch of version %s will be tried again: %s", version_id, error.code)
        return False


def sweep(older_than: int = STALE_SECONDS) -> int:
    """Launch again what has been launching for more than `older_than` seconds; how many went live."""
    before = Now() - timedelta(seconds=older_than)
    stale = AppVersion.objects.using("sweeper").filter(state=VersionState.LAUNCHING, launching_at__lte=before)
    found = list(stale.order_by("launching_at").values_list("pk", "tenant_id")[:BATCH])
    return sum(_launched(version_id, tenant) for version_id, tenant in found)


def _launched(version_id: uuid.UUID, tenant: uuid.UUID) -> bool:
    """launch(), of which the others know nothing where it breaks; each attempt is counted, so it ends."""
    try:
        return launch(version_id, tenant)
    except Exception:
        logger.exception("launch of version %s broke off", version_id)
        return False


def _begin(version_id: uuid.UUID, tenant: uuid.UUID) -> list[DatasetSpec] | None:
    """The specs to make, this attempt counted and committed; empty after too many, None if not launching.

    Counting first means that a launch which kills its worker each time ends as well.
    """
    with tenant_scope(tenant):
        rows = AppVersion.objects.filter(pk=version_id, state=VersionState.LAUNCHING)
        if not rows.update(launch_tries=F("launch_tries") + 1, launching_at=Now()):
            return None
        version = rows.select_related("app").get()
        if version.launch_tries > MAX_TRIES:
            return []
        return _specs(version)


def _specs(version: AppVersion) -> list[DatasetSpec]:
    return specs(
        version.parsed,
        app_id=version.app_id,
        tenant=version.tenant_id,
        number=version.number,
        sealed=version.encrypted,
    )


def _give_up(version_id: uuid.UUID, tenant: uuid.UUID, reason: str) -> bool:
    """End it; tables of an app that was never live hold nothing and go.

    They go under the app's lock, which give_up_launch takes: a new attempt that began meanwhile would lose
    the tables it had just made, or the records in them.
    """
    with tenant_scope(tenant):
        if not services.give_up_launch(version_id=version_id, reason=reason):
            return False
        version = AppVersion.objects.select_related("app").get(pk=version_id)
        for spec in _specs(version) if version.app.state == AppState.NEW else ():
            drop_storage(by=None, spec=spec)
    return False
