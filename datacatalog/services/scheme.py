"""A tenant's first classifications and regions."""

import uuid
from dataclasses import asdict

from django.db import transaction

from datacatalog.models import Classification, Region
from datacatalog.schemes import CLASSIFICATIONS, REGIONS
from identity.models import User
from ledger.events import Event
from ledger.log import record


@transaction.atomic
def seed_scheme(*, by: User | None, tenant: uuid.UUID) -> int:
    """Give `tenant` the classifications and regions it lacks; what it has changed stays. Returns how many."""
    classes = set(Classification.objects.values_list("code", flat=True))
    regions = set(Region.objects.values_list("code", flat=True))
    new_classes = [seed for seed in CLASSIFICATIONS if seed.code not in classes]
    new_regions = [seed for seed in REGIONS if seed.code not in regions]
    if not new_classes and not new_regions:
        return 0
    Classification.objects.bulk_create(
        [
            Classification(
                tenant_id=tenant,
                **asdict(seed) | {"mask": seed.mask or "", "regulations": list(seed.regulations)},
            )
            for seed in new_classes
        ]
    )
    Region.objects.bulk_create([Region(tenant_id=tenant, **asdict(seed)) for seed in new_regions])
    codes = [seed.code for seed in new_classes] + [seed.code for seed in new_regions]
    record(Event.SCHEME_SEEDED, by=by, tenant=tenant, facts={"codes": codes})
    return len(codes)
