"""One question to policy about a live app's records, and what follows from the answer (gateway.py asks)."""

import dataclasses
from collections.abc import Mapping, Sequence

from catalog.manifest import FieldType
from datacatalog.masking import Method, stricter
from identity.models import User
from policy import pdp
from policy.decision import Decision, Reason
from policy.inputs import Action, Context, Resource
from policy.outcome import Kind
from policy.subjects import subject_of
from runtime.live import LiveApp, LiveDataset, LiveField
from vault.selectors import brings_own_key

Fields = Sequence[LiveField]
IN_CLEAR = frozenset({Action.VALUE_REVEAL, Action.RECORD_EXPORT})
# so few values, or so easily counted through, that a search for each tells whose is which
GUESSABLE = frozenset(
    {FieldType.CHOICE, FieldType.INTEGER, FieldType.MONEY, FieldType.DATE, FieldType.DATETIME}
)


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
    decision = ask(
        by=by,
        live=live,
        action=action,
        dataset=dataset,
        fields=fields,
        context=context,
        preview=preview,
        unattended=unattended,
    )
    decision.raise_if_denied()
    demands = {part.name for part in dataclasses.fields(decision.obligations)}
    unmet = {name for name in demands if getattr(decision.obligations, name)} - honours
    if unmet:
        params = {"obligations": sorted(unmet)}
        pdp.refuse(decision, Reason("runtime.unknown_obligation", "denied", Kind.DENY, params))
    return decision


def ask(
    *,
    by: User,
    live: LiveApp,
    action: Action,
    dataset: LiveDataset,
    fields: Fields | None = None,
    context: Context | None = None,
    preview: bool = False,
    unattended: bool = False,
) -> Decision:
    """The decision on `action`, whatever it is; the caller has to honour it. Arguments as for `enforce`."""
    resource = _resource(live, dataset, fields)
    return pdp.decide(subject_of(by), action, resource, context, preview=preview, unattended=unattended)


def masks(decision: Decision, fields: Fields, *, clear: bool = False) -> dict[str, Method]:
    """How each field is masked: as the decision says, or as its class does where that tells less. A protected
    one that the decision does not name is hidden, unless the action is about values in clear."""
    asked = {name: Method(method.value) for name, method in decision.obligations.mask.items()}
    named = {item.id: asked[item.id] for item in fields if item.id in asked}
    if clear and decision.action in IN_CLEAR:
        return named
    found = {item.id: Method.HIDE for item in fields if item.protected} | named
    of_class = {item.id: Method(item.tag.mask) for item in fields if item.tag and item.tag.mask}
    return {name: stricter(how, of_class.get(name, how)) for name, how in found.items()}


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


def unsearchable(
    *, by: User, live: LiveApp, dataset: LiveDataset, fields: Fields, masked: Mapping[str, Method]
) -> list[LiveField]:
    """Those of `fields` that a search of `by` must tell nothing of.

    That is what is hidden, and what is masked and has so few values that trying them tells which it is,
    unless `by` may see it in clear at once.
    """

    def in_clear(item: LiveField) -> bool:
        resource = _resource(live, dataset, [item])
        decision = pdp.decide(subject_of(by), Action.VALUE_REVEAL, resource, preview=True)
        return decision.allowed and not decision.obligations.step_up and not decision.obligations.mask

    return [
        item
        for item in fields
        if masked.get(item.id) is Method.HIDE
        or (item.id in masked and item.type in GUESSABLE and not in_clear(item))
    ]


def _resource(live: LiveApp, dataset: LiveDataset, fields: Fields | None) -> Resource:
    names = None if fields is None else frozenset(item.id for item in fields)
    facts = dataclasses.replace(dataset.facts, byok=True) if brings_own_key(live.tenant) else dataset.facts
    return Resource(tenant=str(live.tenant), app=facts, dataset=dataset.key, fields=names)
