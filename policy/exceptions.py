"""Which exceptions cover a question (P6). Chosen here, used by the rules in Rego (library/main.rego)."""

import dataclasses
import uuid

from identity.presence import presence
from policy.inputs import Context, Resource, Subject
from policy.rules import revision_of, rules_of


def complete(context: Context, *, subject: Subject, action: str, resource: Resource) -> Context:
    """`context` with the exceptions that cover the question. One that names some already stays as it is.

    They are kept with the tenant's access rules, by the revision that came with the person of the request.
    """
    if context.exceptions or resource.app is None:
        return context
    tenant, here = uuid.UUID(subject.tenant), presence()
    known = here is not None and str(here.person) == subject.id
    revision = here.access_revision if here is not None and known else revision_of(tenant)
    region = context.target.region if context.target else ""
    found = [
        waiver.facts
        for waiver in rules_of(tenant, revision).waivers
        if waiver.covers(subject, action, resource, region)
    ]
    facts = tuple(sorted(found, key=lambda one: one.id))
    return dataclasses.replace(context, exceptions=facts) if facts else context
