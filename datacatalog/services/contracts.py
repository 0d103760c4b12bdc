"""Datasets come in from a data contract: previewed, then saved whole or not at all."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from datacatalog import odcs
from datacatalog.masking import Kind
from datacatalog.models import Dataset, DatasetField, ImportRun, Region
from datacatalog.permissions import check_import
from datacatalog.problems import BrokenFile
from datacatalog.selectors import classifications
from datacatalog.specs import FieldType
from datacatalog.suggest import Signs, Suggestion, suggest
from identity.errors import Conflict, NotAllowed
from identity.models import User
from ledger.events import Event
from ledger.log import record

# what a contract says of a field; a tag that a person has confirmed is never among it
FROM_CONTRACT = (
    "position",
    "label",
    "description",
    "type",
    "source_type",
    "required",
    "suggestion",
    "in_source",
)
DATASET_FROM_CONTRACT = (
    "title",
    "description",
    "contract_version",
    "retention_days",
    "purposes",
    "in_source",
)
BATCH = 500


@dataclass
class Changes:
    """What an import would do, or has done."""

    new_datasets: list[Dataset] = field(default_factory=list)
    changed_datasets: list[Dataset] = field(default_factory=list)
    new_fields: list[DatasetField] = field(default_factory=list)
    changed_fields: list[DatasetField] = field(default_factory=list)
    withdrawn: int = 0
    total_datasets: int = 0
    total_fields: int = 0

    def counts(self) -> dict[str, int]:
        """For pages, the run's own record and the ledger."""
        suggested = [row for row in self.new_fields if row.suggestion.get("reason") != "no_sign"]
        return {
            "datasets": self.total_datasets,
            "fields": self.total_fields,
            "new_datasets": len(self.new_datasets),
            "changed_datasets": len(self.changed_datasets),
            "new_fields": len(self.new_fields),
            "changed_fields": len(self.changed_fields),
            "withdrawn": self.withdrawn,
            "sensitive": len(suggested),
        }


@transaction.atomic
def preview_contract(*, by: User, file_name: str, content: bytes, region: Region) -> ImportRun:
    """Read a file and say what importing it would do; a broken one is kept as refused, with its errors.

    Raises:
        NotAllowed: the person may not import.
    """
    check_import(by)
    run = _run(by, file_name, content, region)
    try:
        contract = odcs.read(content)
    except BrokenFile as broken:
        run.errors = [problem.to_row() for problem in broken.problems]
        return _finished(run, ImportRun.State.REFUSED)
    run.contract_id, run.contract_version = contract.id, contract.version
    run.counts = _changes(contract, region).counts()
    run.content = content.decode("utf-8-sig")
    run.save(force_insert=True)
    return run


@transaction.atomic
def finish_import(*, by: User, run: ImportRun) -> ImportRun:
    """Save what `run` previewed.

    Raises:
        NotAllowed: the person may not import, or another one uploaded the file.
        Conflict: the import is finished already.
    """
    check_import(by)
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("region").get(pk=run.pk)
    if run.by_id != by.pk:
        raise NotAllowed(_("Someone else uploaded this file; they finish its import."))
    if run.state != ImportRun.State.PREVIEW:
        raise Conflict(_("This file is imported already."))
    return _save(by, run, odcs.read(run.content.encode()))


@transaction.atomic
def import_contract(*, by: User, file_name: str, content: bytes, region: Region) -> ImportRun:
    """Import a file at once. The same file again changes nothing; a newer one lowers no confirmed tag.

    Raises:
        NotAllowed: the person may not import.
        BrokenFile: with every error by line; nothing was saved.
    """
    check_import(by)
    return _save(by, _run(by, file_name, content, region), odcs.read(content))


def _run(by: User, file_name: str, content: bytes, region: Region) -> ImportRun:
    return ImportRun(
        tenant_id=by.tenant_id,
        by=by,
        state=ImportRun.State.PREVIEW,
        file_name=file_name[-200:],
        digest=hashlib.sha256(content).hexdigest(),
        region=region,
    )


def _finished(run: ImportRun, state: ImportRun.State) -> ImportRun:
    run.state, run.content, run.finished_at = state, "", Now()
    run.save()
    run.refresh_from_db(fields=["finished_at"])
    return run


def _save(by: User, run: ImportRun, contract: odcs.Contract) -> ImportRun:
    changes = _changes(contract, run.region, owner=by)
    Dataset.objects.bulk_create(changes.new_datasets, BATCH)
    Dataset.objects.bulk_update(changes.changed_datasets, DATASET_FROM_CONTRACT, BATCH)
    DatasetField.objects.bulk_create(changes.new_fields, BATCH)
    DatasetField.objects.bulk_update(changes.changed_fields, FROM_CONTRACT, BATCH)
    run.contract_id, run.contract_version = contract.id, contract.version
    run.counts = changes.counts()
    _finished(run, ImportRun.State.DONE)
    facts = {"digest": run.digest, **run.counts}
    record(Event.CONTRACT_IMPORTED, by=by, obj=f"import:{run.pk}", facts=facts)
    return run


def _changes(contract: odcs.Contract, region: Region, owner: User | None = None) -> Changes:
    """Compare the contract with what the catalog has; writes nothing."""
    known = Dataset.objects.filter(origin=Dataset.Origin.ODCS, contract_id=contract.id)
    datasets = {row.name: row for row in known}
    fields: dict[uuid.UUID, dict[str, DatasetField]] = {row.pk: {} for row in datasets.values()}
    for row in DatasetField.objects.filter(dataset__in=known):
        fields[row.dataset_id][row.name] = row
    levels = {code: row.level for code, row in classifications().items()}
    changes = Changes(total_datasets=len(contract.objects), total_fields=contract.field_count)
    for item in contract.objects:
        dataset = datasets.pop(item.name, None)
        have = fields.get(dataset.pk, {}) if dataset else {}
        dataset = _dataset(changes, dataset, contract, item, region, owner)
        _fields(changes, dataset, have, item, levels)
    for gone in datasets.values():
        _withdraw(changes, gone)
    return changes


def _dataset(
    changes: Changes,
    dataset: Dataset | None,
    contract: odcs.Contract,
    item: odcs.ContractObject,
    region: Region,
    owner: User | None,
) -> Dataset:
    values = {
        "title": item.title,
        "description": item.description,
        "contract_version": contract.version[:60],
        "retention_days": item.retention_days,
        "purposes": [contract.purpose] if contract.purpose else [],
        "in_source": True,
    }
    if dataset is None:
        dataset = Dataset(
            tenant_id=region.tenant_id,
            name=item.name,
            origin=Dataset.Origin.ODCS,
            contract_id=contract.id,
            region=region,
            owner=owner,
            **values,
        )
        changes.new_datasets.append(dataset)
    elif _update(dataset, values):
        changes.changed_datasets.append(dataset)
    return dataset


def _fields(
    changes: Changes,
    dataset: Dataset,
    have: dict[str, DatasetField],
    item: odcs.ContractObject,
    levels: Mapping[str, int],
) -> None:
    for position, spec in enumerate(item.fields):
        hint = _suggestion(item, spec, levels)
        values = {
            "position": position,
            "label": spec.label,
            "description": spec.description,
            "type": _type(spec, hint),
            "source_type": spec.source_type,
            "required": spec.required,
            "suggestion": hint.to_dict() if hint else {},
            "in_source": True,
        }
        row = have.pop(spec.name, None)
        if row is None:
            fresh = DatasetField(tenant_id=dataset.tenant_id, dataset=dataset, name=spec.name, **values)
            changes.new_fields.append(fresh)
        elif _update(row, values):
            changes.changed_fields.append(row)
    for gone in have.values():
        _withdraw(changes, gone)


def _suggestion(
    item: odcs.ContractObject, spec: odcs.ContractField, levels: Mapping[str, int]
) -> Suggestion | None:
    signs = Signs(
        name=spec.name.rpartition(".")[2],
        dataset=item.name,
        type=spec.type,
        description=spec.description,
        source_type=spec.source_type,
        declared=spec.classification,
        tags=spec.tags,
        examples=spec.examples,
    )
    return suggest(signs, levels)


def _type(spec: odcs.ContractField, hint: Suggestion | None) -> str:
    """A text that holds addresses or numbers of phones gets the type that checks them."""
    by_kind = {Kind.EMAIL.value: FieldType.EMAIL, Kind.PHONE.value: FieldType.PHONE}
    if spec.type is FieldType.TEXT and hint and hint.kind in by_kind:
        return by_kind[hint.kind].value
    return spec.type.value


def _withdraw(changes: Changes, row: Dataset | DatasetField) -> None:
    """The contract no longer has it: marked, never deleted, since apps may use it."""
    if not _update(row, {"in_source": False}):
        return
    changes.withdrawn += 1
    if isinstance(row, Dataset):
        changes.changed_datasets.append(row)
    else:
        changes.changed_fields.append(row)


def _update(row: Dataset | DatasetField, values: Mapping[str, object]) -> bool:
    """Set what differs; True if anything did."""
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)
