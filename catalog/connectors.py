"""The facts of an app's connectors: as the manifest declares them, beside what its template allows.

Pure: no Django, so that CI judges connectors by the same facts.
"""

from collections.abc import Callable

from catalog import manifest as m
from catalog.templates import Template
from policy.inputs import ConnectorFacts, OperationFacts, Target


def connector_facts(
    manifest: m.Manifest, template: Template | None, place: Callable[[str], Target]
) -> tuple[ConnectorFacts, ...]:
    """One for each connector; `place` gives a region its law. Without a template nothing is allowed."""
    allowed = {one.id: one for one in template.manifest_connectors()} if template else {}
    nothing = m.Connector("", ())
    return tuple(_connector(one, allowed.get(one.id, nothing), place) for one in manifest.connectors)


def _connector(declared: m.Connector, allowed: m.Connector, place: Callable[[str], Target]) -> ConnectorFacts:
    return ConnectorFacts(
        id=declared.id,
        operations=frozenset(declared.operations),
        allowed=frozenset(allowed.operations),
        region=place(declared.region) if declared.region else None,
        details=tuple(_operation(name, declared, allowed) for name in declared.operations),
        scope=frozenset(declared.scope),
        allowed_scope=frozenset(allowed.scope),
    )


def _operation(name: str, declared: m.Connector, allowed: m.Connector) -> OperationFacts:
    """An operation that the manifest says no direction of has the template's."""
    limits, model = _limits(name, declared), _limits(name, allowed)
    begin, end = minutes(limits.hours)
    return OperationFacts(
        name=name,
        access=limits.access or model.access,
        allowed_access=model.access,
        roles=frozenset(limits.roles),
        per_hour=limits.per_hour,
        from_minute=begin,
        until_minute=end,
        days=frozenset(limits.days),
        step_up=limits.step_up,
        ticket=limits.ticket,
    )


def _limits(name: str, connector: m.Connector) -> m.OperationGuardrails:
    for one in connector.guardrails:
        if one.operation == name:
            return one
    return m.OperationGuardrails(name)


def minutes(hours: str) -> tuple[int | None, int | None]:
    """Begin and end of "08:00-18:00" as minutes of the day; none for no hours."""
    if not hours:
        return None, None
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in hours.split("-"))
    return begin, end
