"""Datasets come in from contracts, files, APIs and databases: previewed, then saved whole or not (D3)."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from datacatalog import changes, plans, selectors
from datacatalog.models import ContractDocument, Dataset, DatasetField, ImportRun, Region
from datacatalog.permissions import check_import
from datacatalog.problems import BrokenFile
from datacatalog.sources import files, odcs, openapi
from datacatalog.sources.base import Source
from identity.errors import BadInput, Conflict, NotAllowed
from identity.models import User
from ledger.events import Event
from ledger.log import record
from vault import keys

BATCH = 500
Origin = Dataset.Origin
TEXT = "text"  # the place of a contract's own words, among the tenant's sealed values


@transaction.atomic
def preview_import(
    *, by: User, kind: str, file_name: str, content: bytes, region: Region, source: str = ""
) -> ImportRun:
    """Read a file and say what importing it would do; a broken one is kept as refused, with its errors.

    `source` tells the same source again next time; without it a contract's id, an API's title or the
    file's name does.

    Raises:
        NotAllowed: the person may not import.
    """
    check_import(by)
    run = new_run(by, kind, file_name, content, region)
    try:
        found = _read(kind, content, file_name, source)
    except BrokenFile as broken:
        return refused(run, broken)
    if kind == Origin.ODCS:
        text = content.decode("utf-8-sig")
        run.sealed = keys.encrypt(run.tenant_id, run.pk, TEXT, run.pk, text)
    return previewed(run, found)


def _read(kind: str, content: bytes, file_name: str, source: str) -> Source:
    readers: dict[str, Callable[[], Source]] = {
        Origin.ODCS: lambda: odcs.read(content),
        Origin.FILE: lambda: files.read(content, file_name, source),
        Origin.OPENAPI: lambda: openapi.read(content, source),
    }
    return readers[kind]()


def new_run(by: User, kind: str, file_name: str, content: bytes, region: Region) -> ImportRun:
    """A run that is not saved yet."""
    return ImportRun(
        tenant_id=by.tenant_id,
        by=by,
        kind=kind,
        state=ImportRun.State.PREVIEW,
        file_name=file_name[-200:],
        digest=hashlib.sha256(content).hexdigest() if content else "",
        region=region,
    )


def refused(run: ImportRun, broken: BrokenFile) -> ImportRun:
    """Keep why nothing can come of it, and nothing of what it was."""
    run.errors = [problem.to_row() for problem in broken.problems]
    return _finished(run, ImportRun.State.REFUSED)


def previewed(run: ImportRun, found: Source, progress: plans.Progress | None = None) -> ImportRun:
    """Keep what was read, mapped as people mapped it the last time, until somebody says to import it."""
    levels = {code: row.level for code, row in selectors.classifications().items()}
    run.contract_id, run.contract_version = found.id[:200], found.version[:60]
    plan = plans.make(found, levels, selectors.learned(), progress)
    if run.kind != Origin.ODCS:
        _as_before(run, plan)
    run.plan, run.state = plan, ImportRun.State.PREVIEW
    run.counts = changes.of_run(run).counts()
    run.save()
    return run


def _as_before(run: ImportRun, plan: plans.Plan) -> None:
    """A file knows no titles and labels: those that people gave it stay."""
    known = {row.name: row for row in Dataset.objects.filter(origin=run.kind, contract_id=run.contract_id)}
    rows = DatasetField.objects.filter(dataset__in=known.values())
    fields = {(row.dataset_id, row.name): row for row in rows}
    for item in plan["objects"]:
        if dataset := known.get(item["name"]):
            item["title"] = dataset.title
            for spec in item["fields"]:
                if row := fields.get((dataset.pk, spec["name"])):
                    spec["label"] = row.label


@transaction.atomic
def map_dataset(
    *, by: User, run: ImportRun, number: int, title: str, skip: bool, fields: Mapping[str, Mapping[str, Any]]
) -> ImportRun:
    """Say how one dataset of a preview comes in: its title; which of its fields, their labels and types.

    Raises:
        NotAllowed, Conflict: as finish_import.
        BadInput: there is no such dataset in it.
    """
    run = _mine(by, run)
    if run.plan is None or number >= len(run.plan["objects"]):
        raise BadInput(_("There is no such dataset in this import."))
    run.plan = plans.mapped(run.plan, number, title=title, skip=skip, fields=fields)
    run.counts = changes.of_run(run).counts()
    run.save(update_fields=["plan", "counts"])
    return run


@transaction.atomic
def finish_import(*, by: User, run: ImportRun) -> ImportRun:
    """Save what `run` previewed.

    Raises:
        NotAllowed: the person may not import, or another one uploaded the file.
        Conflict: the import is finished already.
        BadInput: nothing is left of it that could come in.
    """
    run = _mine(by, run)
    found = changes.of_run(run, owner=by)
    if not found.total_fields:
        raise BadInput(_("Choose at least one dataset with a field."))
    Dataset.objects.bulk_create(found.new_datasets, BATCH)
    Dataset.objects.bulk_update(found.changed_datasets, changes.DATASET_FROM_SOURCE, BATCH)
    DatasetField.objects.bulk_create(found.new_fields, BATCH)
    DatasetField.objects.bulk_update(found.changed_fields, changes.FROM_SOURCE, BATCH)
    if run.sealed is not None:
        _keep_text(run)
    run.counts = found.counts()
    _finished(run, ImportRun.State.DONE)
    facts = {"kind": run.kind, "digest": run.digest, **run.counts}
    record(Event.CONTRACT_IMPORTED, by=by, obj=f"import:{run.pk}", facts=facts)
    return run


@transaction.atomic
def import_contract(*, by: User, file_name: str, content: bytes, region: Region) -> ImportRun:
    """Import a contract at once. The same one again changes nothing; a newer one lowers no confirmed tag.

    Raises:
        NotAllowed: the person may not import.
        BrokenFile: with every error by line; nothing was saved.
    """
    check_import(by)
    odcs.read(content)
    run = preview_import(by=by, kind=Origin.ODCS, file_name=file_name, content=content, region=region)
    return finish_import(by=by, run=run)


def _mine(by: User, run: ImportRun) -> ImportRun:
    """The run, locked, if it waits for `by`."""
    check_import(by)
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("region").get(pk=run.pk)
    if run.by_id != by.pk:
        raise NotAllowed(_("Someone else uploaded this file; they finish its import."))
    if run.state != ImportRun.State.PREVIEW:
        raise Conflict(_("This file is imported already."))
    return run


def _finished(run: ImportRun, state: ImportRun.State) -> ImportRun:
    run.state, run.plan, run.sealed, run.finished_at = state, None, None, Now()
    run.save()
    run.refresh_from_db(fields=["finished_at"])
    return run


def _keep_text(run: ImportRun) -> None:
    """A contract's own words, for whoever exports it again: what the catalog has no place for stays."""
    text = keys.decrypt(run.tenant_id, run.pk, TEXT, run.pk, bytes(run.sealed or b""))
    row = ContractDocument.objects.filter(contract_id=run.contract_id).first() or ContractDocument(
        tenant_id=run.tenant_id, contract_id=run.contract_id
    )
    row.sealed = keys.encrypt(run.tenant_id, row.pk, TEXT, row.pk, text)
    row.save()


def text_of(row: ContractDocument) -> str:
    """The contract as it came last.

    Raises:
        KeysUnavailable: the tenant's keys are away.
    """
    return keys.decrypt(row.tenant_id, row.pk, TEXT, row.pk, bytes(row.sealed))


__all__ = ["finish_import", "import_contract", "map_dataset", "preview_import", "text_of"]
