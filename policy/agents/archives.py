"""The signed archives that a tenant's agents pull, made once for each revision and key and then kept."""

import hashlib
import uuid
from dataclasses import dataclass, field
from threading import Lock

from policy import bundles, revisions
from policy.agents import config
from policy.rulebook import Rulebook
from policy.signing import signer

KEPT = 200
Key = tuple[uuid.UUID, str, str, str]


@dataclass(frozen=True)
class Archive:
    """The bytes, and the entity tag that is the same in every process of the portal (RFC 9110, 8.8.3)."""

    revision: str
    content: bytes = field(repr=False)

    @property
    def etag(self) -> str:
        """Strong: equal tags are equal bytes."""
        return f'"{hashlib.sha256(self.content).hexdigest()}"'


_kept: dict[Key, Archive] = {}
_lock = Lock()


def rules_for(tenant: uuid.UUID) -> Archive:
    """The rules in force, signed by `tenant`, in the tenant at hand.

    Raises:
        Unavailable: the tenant's keys are away.
    """
    rules = revisions.in_force()
    key = (tenant, "rules", signer().key_id(tenant), rules.revision)
    return _kept.get(key) or _keep(key, _of_rules(tenant, rules))


def discovery_for(tenant: uuid.UUID) -> Archive:
    """The configuration of the tenant's agents; a key that is announced is in it already.

    Raises:
        Unavailable: the tenant's keys are away.
    """
    files = bundles.of_data(config.discovered(signer().public_keys(tenant)))
    revision = hashlib.sha256(files[bundles.DATA]).hexdigest()
    key = (tenant, "discovery", signer().key_id(tenant), revision)
    if key in _kept:
        return _kept[key]
    signed = bundles.signed(files, scope=config.DISCOVERY_SCOPE, sign=lambda it: signer().sign(tenant, it))
    return _keep(key, Archive(revision, signed))


def _of_rules(tenant: uuid.UUID, rules: Rulebook) -> Archive:
    files = bundles.of_rules(rules)
    signed = bundles.signed(files, scope=config.BUNDLE_SCOPE, sign=lambda it: signer().sign(tenant, it))
    return Archive(rules.revision, signed)


def _keep(key: Key, archive: Archive) -> Archive:
    with _lock:
        _kept[key] = archive
        while len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
    return archive
