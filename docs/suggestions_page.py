"""How good the suggested tags are: the figures that `make bench NAME=suggest` left (D2)."""

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "bench" / "results" / "suggest.json"
HEAD = """# Suggested tags, measured

Made by `python -m docs.generate` from what `make bench NAME=suggest` measured. The columns are made from a seed by
`bench/columns` with Faker: {tuned} in the six locales that the rules were tuned on ({tuned_locales}), {held} in six
others ({held_locales}). Of the others, only totals were looked at while the rules were written. Each column has twenty
samples and a name in the language of its locale or in English; of those whose values can tell, 15 % have a name
that tells nothing (`field7`). Half are traps: numbers that begin like cards, product codes, serial numbers that
are valid phone numbers, `name` of products and companies, `address` of machines and pages, `age` of servers,
dates of orders, prose without people.

“PII yes/no” counts the classes `pii`, `special`, `health` and `card`. The generator and the words of the rules come
from the same people, so take the figures as a floor for regressions, not as a promise for your tables: try them with
`portal suggest FILE.csv` (docs/guides/import-data.md).

| Class | Locales | Precision | Recall | Goal |
|---|---|---|---|---|
"""


def page() -> str:
    """The page's text."""
    from bench.columns import HELD_OUT, TUNED  # the bench is no part of an installed portal

    rows: dict[str, dict[str, Any]] = {row["name"]: row for row in json.loads(RESULTS.read_text())}
    text = HEAD.format(
        tuned=int(rows["tuned: columns"]["value"]),
        held=int(rows["held out: columns"]["value"]),
        tuned_locales=", ".join(TUNED),
        held_locales=", ".join(HELD_OUT),
    )
    names = [name.removesuffix(", precision") for name in rows if name.endswith(", precision")]
    for name in names:
        locales, _colon, what = name.partition(": ")
        precision, recall = rows[f"{name}, precision"], rows[f"{name}, recall"]
        goal = f"{precision['goal']}, {recall['goal']}" if precision["goal"] else ""
        text += f"| {what} | {locales} | {precision['value']:.3f} | {recall['value']:.3f} | {goal} |\n"
    return text
