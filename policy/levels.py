"""The tenant's thresholds, for a question and for whoever needs the numbers themselves (docs/adr/0082)."""

import dataclasses
import uuid

from identity.models import User
from identity.presence import presence
from policy.inputs import Context, Resource, Subject
from policy.rules import Rules, revision_of, rules_of
from policy.thresholds import Thresholds


def complete(context: Context, *, subject: Subject, resource: Resource) -> Context:
    """`context` with the tenant's own levels; a question about no app's data needs none, and one that brings
    some stays as it is."""
    if context.thresholds is not None or resource.app is None:
        return context
    facts = rules_for(subject.id, uuid.UUID(subject.tenant)).thresholds.facts()
    return dataclasses.replace(context, thresholds=facts) if facts else context


def thresholds_for(user: User) -> Thresholds:
    """The numbers that hold in the tenant of `user`."""
    return rules_for(str(user.pk), user.tenant_id).thresholds


def rules_for(person: str, tenant: uuid.UUID) -> Rules:
    """What holds in `tenant`, by the revision that came with the person of the request, else as it is now."""
    here = presence()
    known = here is not None and str(here.person) == person
    return rules_of(tenant, here.access_revision if here is not None and known else revision_of(tenant))
