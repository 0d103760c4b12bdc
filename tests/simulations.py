"""Versions of the rules and simulations of them, for tests."""

import uuid
from collections.abc import Mapping
from pathlib import Path

from django.utils import timezone

from identity.models import User
from identity.tenancy import tenant_scope
from policy.models import RulesVersion, Simulation
from policy.rulebook import Rulebook, files_in, shipped
from policy.simulation.facts import Report
from policy.simulation.told import document
from policy.states import SimulationState


def proposed(author: User, files: Mapping[str, str], number: int = 1) -> RulesVersion:
    """A version with these texts, as a proposal leaves it before its checks."""
    with tenant_scope(author.tenant_id):
        return RulesVersion.objects.create(
            tenant=author.tenant,
            number=number,
            revision=Rulebook.of(dict(files)).revision,
            files=dict(files),
            base=shipped().revision,
            message="Freeze some apps",
            author=author,
        )


def simulated(version: RulesVersion, by: User) -> Simulation:
    """A simulation of it that found nothing."""
    return Simulation.objects.create(
        tenant=version.tenant,
        version=version,
        days=30,
        asked_by=by,
        state=SimulationState.DONE,
        finished_at=timezone.now(),
        report=document(Report()),
    )


def texts(library: Path) -> dict[str, str]:
    """The rules in a folder with their tests."""
    return files_in(library)


def fresh(simulation: Simulation | uuid.UUID, tenant: uuid.UUID) -> Simulation:
    """As it stands now."""
    pk = simulation if isinstance(simulation, uuid.UUID) else simulation.pk
    with tenant_scope(tenant):
        return Simulation.objects.select_related("version").get(pk=pk)
