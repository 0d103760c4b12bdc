"""A tenant with its classes of data and regions, and the two real contracts."""

from pathlib import Path

import pytest

from datacatalog import services
from datacatalog.models import Region
from identity.tenancy import tenant_scope
from tests.cast import Cast
from vault.services import provision

FILES = Path(__file__).parents[2] / "data" / "odcs"
ADVENTURE_WORKS = (FILES / "postgresql-adventureworks-contract.odcs.yaml").read_bytes()
FULL_EXAMPLE = (FILES / "full-example.odcs.yaml").read_bytes()

SMALL = b"""apiVersion: v3.0.2
kind: DataContract
id: small
version: 1.0.0
status: active
schema:
- name: people
  properties:
  - {name: work_email, logicalType: string}
  - {name: birthdate, logicalType: date}
  - {name: team, logicalType: string}
- name: rooms
  properties:
  - {name: floor, logicalType: integer}
"""


@pytest.fixture
def catalog(cast: Cast) -> Cast:
    """The cast in one transaction; both tenants have their schemes and keys."""
    for tenant in (cast.tenant, cast.other):
        with tenant_scope(tenant.pk):
            services.seed_scheme(by=None, tenant=tenant.pk)
            provision(by=None, tenant=tenant.pk)
    return cast


def eu() -> Region:
    """The region `eu` of the tenant at hand."""
    return Region.objects.get(code="eu")
