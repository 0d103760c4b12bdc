"""What an agent has to be told: its own configuration file, and what it discovers from there (P4).

The file is OPA's (https://www.openpolicyagent.org/docs/configuration). The guide docs/guides/opa-agents.md
shows the very texts that are made here, and a test starts an agent on them.
"""

import textwrap
from collections.abc import Mapping
from typing import Any

from policy.agents.reports import BUNDLE

SERVICE = "portal"
BUNDLE_SCOPE, DISCOVERY_SCOPE = "bundle", "discovery"
LONG_POLL_SECONDS = 20

_START = """\
services:
  portal:
    url: {address}/opa/v1
    credentials:
      bearer:
        token: "${{PORTAL_TOKEN}}"
keys:
{keys}"""
_KEY = """\
  "{key_id}":
    algorithm: ES256
    key: |
{pem}"""
_WHOLE = """\
bundles:
  portal:
    service: portal
    resource: bundles/portal.tar.gz
    signing:
      scope: bundle
    polling:
      long_polling_timeout_seconds: 20
      min_delay_seconds: 1
      max_delay_seconds: 2
decision_logs:
  service: portal
  reporting:
    min_delay_seconds: 1
    max_delay_seconds: 5
status:
  service: portal
"""
_DISCOVERS = """\
discovery:
  service: portal
  resource: discovery.tar.gz
  signing:
    scope: discovery
  polling:
    min_delay_seconds: 10
    max_delay_seconds: 30
"""


def boot(address: str, keys: Mapping[str, str], *, discovers: bool = False) -> str:
    """The agent's configuration in YAML; the token comes from its environment.

    `address` is the portal's, `keys` are PEM by key id. With `discovers` the agent asks the portal for all
    that is not here.
    """
    made = "".join(
        _KEY.format(key_id=key_id, pem=textwrap.indent(pem, " " * 6)) for key_id, pem in keys.items()
    )
    return _START.format(address=address, keys=made) + (_DISCOVERS if discovers else _WHOLE)


def discovered(keys: Mapping[str, str]) -> dict[str, Any]:
    """The configuration in the discovery bundle: where bundles come from and reports go, and all keys."""
    polling = {"min_delay_seconds": 1, "max_delay_seconds": 2}
    return {
        "keys": {key_id: {"algorithm": "ES256", "key": pem} for key_id, pem in keys.items()},
        "bundles": {
            BUNDLE: {
                "service": SERVICE,
                "resource": "bundles/portal.tar.gz",
                "signing": {"scope": BUNDLE_SCOPE},
                "polling": {**polling, "long_polling_timeout_seconds": LONG_POLL_SECONDS},
            }
        },
        "decision_logs": {
            "service": SERVICE,
            "reporting": {"min_delay_seconds": 1, "max_delay_seconds": 5},
        },
        "status": {"service": SERVICE},
    }
