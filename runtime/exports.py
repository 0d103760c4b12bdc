"""The parts of an export that both its request and its run need: what is asked, decided, named."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

import rfc8785
from django.utils.translation import gettext as _

from approvals.models import Request
from approvals.selectors import approvals_of
from datacatalog.masking import Method
from identity.errors import BadInput, Missing
from identity.models import User
from policy.decision import Decision
from policy.inputs import Action, Approval, Context
from runtime import gateway, mask_words
from runtime.live import LiveApp, LiveDataset, LiveField, live_app
from runtime.models import Export

KIND = "export"  # in requests for approval and in objects of events
HONOURED = frozenset({"mask", "record_read", "watermark"})


@dataclass(frozen=True)
class Subject:
    """An export with what it is about, as that stands now."""

    export: Export
    live: LiveApp
    dataset: LiveDataset
    fields: tuple[LiveField, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of what a reviewer approves; it changes when the app's live version does."""
        told: dict[str, Any] = {
            "export": str(self.export.pk),
            "app": str(self.live.id),
            "version": self.live.design.digest,
            "dataset": str(self.dataset.id),
            "fields": [item.id for item in self.fields],
            "purpose": self.export.purpose,
            "target": self.export.target,
            "raw": self.export.raw,
        }
        return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def subject_of(export: Export) -> Subject:
    """What `export` is about.

    Raises:
        Missing: the app is not live any more, or has lost the dataset or a field.
    """
    live = live_app(export.app_slug)
    dataset = live.dataset(export.dataset_key)
    if live.id != export.app or not set(export.fields) <= dataset.by_id.keys():
        raise Missing(_("The app, or the data that was asked for, is no longer there."))
    return Subject(export, live, dataset, dataset.chosen(export.fields))


def decide(subject: Subject, *, unattended: bool = False) -> Decision:
    """The decision that allows the export now, on the approvals that it has.

    `unattended` where nothing leaves the portal: its person is asked when he wishes for it and takes it.

    Raises:
        Refused: policy says no; `decision.needs_approval` tells whether people could.
        StepUpNeeded: an access rule asks for a better sign-in.
        BadInput: the tenant has no such region.
    """
    export = subject.export
    target = subject.live.target(export.target)
    if target is None:
        raise BadInput(_("Choose a region that your company has set up."))
    context = Context(
        target=target,
        raw=export.raw,
        requester=str(export.requester_id),
        approvals=_approvals(subject),
    )
    return gateway.enforce(
        by=export.requester,
        live=subject.live,
        action=Action.RECORD_EXPORT,
        dataset=subject.dataset,
        fields=subject.fields,
        context=context,
        honours=HONOURED,
        unattended=unattended,
    )


def columns(subject: Subject, decision: Decision) -> list[dict[str, str]]:
    """What goes into the file: each field with its name, its class and how it is masked ("" for not)."""
    masked = gateway.masks(decision, subject.fields, clear=subject.export.raw)
    return [
        {
            "field": item.id,
            "label": item.label,
            "classification": item.definition.classification,
            "mask": masked[item.id].value if item.id in masked else "",
        }
        for item in subject.fields
    ]


def told(export: Export) -> list[dict[str, Any]]:
    """The columns of the file as its page lists them."""
    hidden = mask_words.COLUMNS[Method.HIDE.value]
    return [
        {"label": column["label"], "word": mask_words.COLUMNS.get(column["mask"], hidden)}
        for column in export.columns
    ]


def watermark(export: Export, by: User, written: str) -> str:
    """The line that says whose copy this is."""
    return _(
        "Export %(id)s of “%(app)s” (%(dataset)s) for %(person)s, %(at)s. Decision %(decision)s. "
        "Purpose: %(purpose)s"
    ) % {
        "id": export.pk,
        "app": export.app_title,
        "dataset": export.dataset_title,
        "person": by.display_name,
        "at": written,
        "decision": export.decision,
        "purpose": " ".join(export.purpose.split()),
    }


def obj(export_id: uuid.UUID) -> str:
    """How events and requests name it."""
    return f"{KIND}:{export_id}"


def _approvals(subject: Subject) -> tuple[Approval, ...]:
    """Those given for exactly what is asked now."""
    if subject.export.request is None:
        return ()
    request = Request.objects.filter(pk=subject.export.request).first()
    given = approvals_of(request) if request else ()
    return tuple(Approval(role=one.asks, by=str(one.by)) for one in given if one.digest == subject.digest)
