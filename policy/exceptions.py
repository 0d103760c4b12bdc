"""Which exceptions cover a question (P6). Chosen here, used by the rules in Rego (library/main.rego)."""

import dataclasses
import uuid

from policy.inputs import Context, Resource, Subject
from policy.levels import rules_for


def complete(context: Context, *, subject: Subject, action: str, resource: Resource) -> Context:
    """`context` with the exceptions that cover the question. One that names some already stays as it is.

    They are kept with the tenant's access rules, by the revision that came with the person of the request.
    """
    if context.exceptions or resource.app is None:
        return context
    region = context.target.region if context.target else ""
    waivers = rules_for(subject.id, uuid.UUID(subject.tenant)).waivers
    found = [one.facts for one in waivers if one.covers(subject, action, resource, region)]
    facts = tuple(sorted(found, key=lambda one: one.id))
    return dataclasses.replace(context, exceptions=facts) if facts else context
