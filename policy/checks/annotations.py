"""Whether the rules say of themselves what the portal tells people. Pure Python."""

import re
from collections import Counter
from collections.abc import Iterator

from policy.reference import rules
from policy.rulebook import Rulebook

_TABLE = r"^{name} := \{{\n(.*?)^\}}"
_CODE = re.compile(r'^\t"([\w.]+)":', re.MULTILINE)


def codes_in(rulebook: Rulebook, table: str) -> set[str]:
    """The codes of the rules that main.rego names in `table`: "waivable" or "overridable"."""
    text = dict(rulebook.modules).get("main.rego", "")
    found = re.search(_TABLE.format(name=table), text, re.DOTALL | re.MULTILINE)
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
    waivable, overridable = (codes_in(rulebook, table) for table in ("waivable", "overridable"))
    # a rule on transfers looks at exceptions itself; what knows exceptions can be overridden as well
    annotated = {rule.code for rule in told if rule.waivable and not rule.transfer}
    yield from _differences("waivable", annotated, waivable)
    yield from _differences(
        "overridable", {rule.code for rule in told if rule.overridable}, overridable | waivable
    )


def _differences(word: str, annotated: set[str], decided: set[str]) -> Iterator[str]:
    for code in sorted(annotated - decided):
        yield f"{code} is annotated as {word}, and main.rego does not treat it so"
    for code in sorted(decided - annotated):
        yield f"{code} is {word} in main.rego, and its annotation does not say so"
