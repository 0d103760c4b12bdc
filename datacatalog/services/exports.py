"""Data contracts out: those that came in, and of everything else in the catalog."""

from django.db import transaction
from django.utils.translation import gettext as _

from datacatalog.models import ContractDocument, Dataset
from datacatalog.permissions import check_import
from datacatalog.safe_yaml import parse
from datacatalog.services.imports import text_of
from datacatalog.sources import odcs_schema
from datacatalog.sources.odcs_writer import Known, KnownDataset, fresh, merged, to_text
from datacatalog.specs import FieldType
from identity.errors import Conflict
from identity.models import User
from ledger.events import Event
from ledger.log import record


@transaction.atomic
def export_contract(*, by: User, dataset: Dataset) -> str:
    """The contract of `dataset` and of all that came with it, in YAML, valid by the standard's schema.

    What came in as a contract goes out with every word, examples too: it takes the right to import.

    Raises:
        NotAllowed: the person may not import.
        Conflict: the catalog holds something that the standard has no form for.
    """
    check_import(by)
    rows = [dataset]
    if dataset.origin != Dataset.Origin.APP:
        same = Dataset.objects.filter(origin=dataset.origin, contract_id=dataset.contract_id, in_source=True)
        rows = list(same.select_related("region").order_by("name"))
    document = None
    if dataset.origin == Dataset.Origin.ODCS:
        document = ContractDocument.objects.filter(contract_id=dataset.contract_id).first()
    known = [_known(row) for row in rows]
    if document is not None:
        contract = merged(parse(text_of(document).encode()).value, known)
    else:
        contract = fresh(
            contract_id=dataset.contract_id or str(dataset.app or dataset.pk),
            version=dataset.contract_version,
            name=dataset.contract_id or dataset.title,
            purpose="; ".join(dataset.purposes),
            region=dataset.region.code,
            datasets=known,
        )
    text = to_text(contract)
    if next(odcs_schema.problems(parse(text.encode(), max_bytes=2**26)), None):
        raise Conflict(_("This cannot be written as a data contract."))
    facts = {"datasets": len(rows), "fields": sum(len(one.fields) for one in known)}
    record(Event.CONTRACT_EXPORTED, by=by, dataset=dataset.pk, facts=facts)
    return text


def _known(row: Dataset) -> KnownDataset:
    fields = row.fields.filter(in_source=True).select_related("classification")
    return KnownDataset(
        name=row.name,
        title=row.title,
        description=row.description,
        retention_days=row.retention_days,
        fields=[
            Known(
                name=field.name,
                label=field.label,
                description=field.description,
                type=FieldType(field.type),
                source_type=field.source_type,
                required=field.required,
                classification=field.classification.code if field.classification else "",
            )
            for field in fields
        ],
    )
