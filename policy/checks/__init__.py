"""What rules must pass before people look at them (P4, docs/adr/0080).

A check is a code, whether it passed, and what the tool said. The texts are the tools' own, hence English.
"""

from policy.checks.run import CHECKS, Check, checked

__all__ = ["CHECKS", "Check", "checked"]
