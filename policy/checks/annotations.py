"""Whether the rules say of themselves what the portal tells people. Pure Python."""

import re
from collections import Counter
from collections.abc import Iterator

from policy.reference import rules
from policy.rulebook import Rulebook

_WAIVABLE = re.compile(r"^waivable := \{\n(.*?)^\}", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r'^\t"([\w.]+)":', re.MULTILINE)


def waivable(rulebook: Rulebook) -> set[str]:
    """The codes of the rules that know exceptions, as main.rego decides it."""
    found = _WAIVABLE.search(dict(rulebook.modules).get("main.rego", ""))
    return set(_CODE.findall(found.group(1))) if found else set()


def problems(rulebook: Rulebook) -> Iterator[str]:
    """Annotations that are missing, double, or say something else than the rules do."""
    try:
        told = rules(rulebook)
    except (ValueError, TypeError, AttributeError) as error:
        yield str(error)
        return
    for code, times in Counter(rule.code for rule in told).items():
        if times > 1:
            yield f"{code} is the code of {times} rules"
    annotated, decided = {rule.code for rule in told if rule.waivable}, waivable(rulebook)
    for code in sorted(annotated - decided):
        yield f"{code} is annotated as waivable, and main.rego knows no exceptions for it"
    for code in sorted(decided - annotated):
        yield f"{code} is waivable in main.rego, and its annotation does not say so"
