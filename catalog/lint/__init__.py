"""`portal check`: manifests and templates held to their format and to the policy library, in a repository.

The same schema, the same way from a manifest to facts (catalog/facts.py) and the same Rego rules as in the
portal, without Django, database or network (docs/guides/check-in-ci.md, spec rows P2 and T8). What only the
portal knows is assumed: the person who submits is a builder and owns the app, no access rule applies, no
template was withdrawn, and the words for tags those that ship or those of a file (basis.py).
"""

from .basis import Basis
from .files import Source, find
from .findings import Finding, Level, plain
from .run import Checked, check

__all__ = ["Basis", "Checked", "Finding", "Level", "Source", "check", "find", "plain"]
