"""One question to policy about a live app's records, and what follows from the answer (gateway.py asks)."""

import dataclasses
from collections.abc import Sequence

from catalog.facts import subject_of
from datacatalog.masking import Method
from identity.models import User
from policy import pdp
from policy.decision import Decision, Reason
from policy.inputs import Action, Context, Resource
from policy.outcome import Kind
from runtime.live import LiveApp, LiveDataset, LiveField

Fields = Sequence[LiveField]
IN_CLEAR = frozenset({Action.VALUE_REVEAL, Action.RECORD_EXPORT})


def enforce(
    *,
    by: User,
    live: LiveApp,
    action: Action,
    dataset: LiveDataset,
    fields: Fields | None = None,
    context: Context | None = None,
    honours: frozenset[str],
    preview: bool = False,
    unattended: bool = False,
) -> Decision:
    """The decision that allows `action` on `fields` (None: all) of `dataset`.

    `honours` names the obligations that the caller can carry out. A preview is for showing a form: what
    it leads to is decided again. `unattended`: it goes on without the person, who is asked elsewhere.

    Raises:
        Refused: policy says no, or demands what the caller cannot do.
        StepUpNeeded: an access rule asks for a stronger or fresher sign-in.
    """
    names = None if fields is None else frozenset(item.id for item in fields)
    resource = Resource(tenant=str(live.tenant), app=dataset.facts, dataset=dataset.key, fields=names)
    decision = pdp.decide(subject_of(by), action, resource, context, preview=preview, unattended=unattended)
    decision.raise_if_denied()
    demands = {part.name for part in dataclasses.fields(decision.obligations)}
    unmet = {name for name in demands if getattr(decision.obligations, name)} - honours
    if unmet:
        _refuse(decision, unmet)
    return decision


def masks(decision: Decision, fields: Fields, *, clear: bool = False) -> dict[str, Method]:
    """How each field is masked. A protected one that the decision does not name is hidden, unless the
    action is about values in clear."""
    asked = {name: Method(method.value) for name, method in decision.obligations.mask.items()}
    named = {item.id: asked[item.id] for item in fields if item.id in asked}
    if clear and decision.action in IN_CLEAR:
        return named
    return {item.id: Method.HIDE for item in fields if item.protected} | named


def check_form(*, by: User, live: LiveApp, dataset: LiveDataset, action: Action, fields: Fields) -> None:
    """Whether a form for `action` is worth showing.

    Raises:
        Refused: what it leads to would be refused.
    """
    enforce(
        by=by,
        live=live,
        action=action,
        dataset=dataset,
        fields=fields,
        honours=frozenset(),
        preview=True,
    )


def _refuse(decision: Decision, unmet: set[str]) -> None:
    """What nobody here can carry out is not allowed (fail closed)."""
    reason = Reason("runtime.unknown_obligation", "denied", Kind.DENY, {"obligations": sorted(unmet)})
    denied = dataclasses.replace(decision, allowed=False, reasons=(reason, *decision.reasons))
    denied.raise_if_denied()
