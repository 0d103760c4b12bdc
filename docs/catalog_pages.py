"""Reference pages of the catalog: the manifest's format and the states of apps."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.lint.scheme import SCHEMA_FILE as SCHEME_FILE
from catalog.manifest import MESSAGES, schema
from catalog.states import APP, DRAFT, TEMPLATE, VERSION
from docs.approvals_states import _diagram

HEAD = """\
# The app manifest

Made from `catalog/manifest/schema.json` by `python -m docs.generate`.

A manifest is the whole of a micro app: purpose, data with tags, access, connectors, pages, limits. Tables,
forms and access are derived from it. It is YAML or JSON; `catalog/manifest/schema.json` is its JSON Schema
(draft 2020-12), published as [microapp-v1.schema.json](microapp-v1.schema.json): the number is that of
`apiVersion`, and the schema of version 1 goes on taking every manifest that it ever took. `portal check`
holds a repository's manifests to it and to policy ([guide](../guides/check-in-ci.md)). In Python:

```python
from catalog import manifest

app = manifest.parse(text)       # ManifestError: every problem with line, path and words
manifest.canonical(app)          # RFC 8785 bytes, members at their default left out
manifest.digest(app)             # SHA-256 of them, in hex
manifest.diff(old, new)          # list of Change(code, subject, member, old, new)
```

A manifest may be incomplete, for example have a field without classification. Whether it may be submitted is
decided by policy (`policies.md`), not by the format. Text is taken as hostile: at most 512 KiB, 12 levels
and 40,000 values; YAML anchors, aliases and tags, names given twice and several documents are refused.

What the schema cannot say and `check` does: ids and names are unique, pages and charts name fields of their
own dataset, limits name an operation of their connector and roles of the app, a role's groups are among those
that may come in, a choice has at least two options and nothing else has any, only a dashboard has charts, and
text holds no control characters.

**Locked parts.** `locked` names what the template keeps. `hosting`: its region. `identity`: sign-in by the
company's provider; the groups are the builder's. `connectors`, `guardrails`: exactly the template's. `roles`:
their keys and permissions; the groups are the builder's. `pages`: their kinds. A manifest whose locked parts
differ from its template's is a design of its own, which policy sends to the manager at least.
"""


def manifest() -> str:
    """Every member with its type and meaning, and the codes of problems."""
    parts = [HEAD]
    for title, part in _parts():
        parts.append(f"\n## {title}\n\n| member | type | needed | meaning |\n|---|---|---|---|\n")
        needed = part.get("required", [])
        for name, member in part["properties"].items():
            row = (f"`{name}`", _type(member), "yes" if name in needed else "", _meaning(member))
            parts.append(f"| {' | '.join(row)} |\n")
    parts.append("\n## Problems\n\n| code | words |\n|---|---|\n")
    parts.extend(f"| `{code}` | {words} |\n" for code, words in MESSAGES.items())
    return "".join(parts)


def manifest_schema() -> str:
    """The JSON Schema of a manifest, for editors and other checkers."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def scheme_schema() -> str:
    """The JSON Schema of the file for `portal check --scheme`."""
    return (
        json.dumps(json.loads(SCHEME_FILE.read_text(encoding="utf-8")), ensure_ascii=False, indent=2) + "\n"
    )


def states() -> str:
    """One Mermaid diagram each for apps, versions, drafts and templates."""
    parts = ["# States of apps\n\nMade from `catalog/states.py` by `python -m docs.generate`.\n"]
    tables = (("App", APP), ("Version", VERSION), ("Draft", DRAFT), ("Template", TEMPLATE))
    for title, table in tables:
        parts.append(f"\n## {title}\n\n```mermaid\nstateDiagram-v2\n{_diagram(table)}```\n")
    return "".join(parts)


def _parts() -> Iterator[tuple[str, Mapping[str, Any]]]:
    whole = schema()
    yield "The file", whole
    for name, part in whole["properties"].items():
        if part.get("type") == "object":
            yield f"`{name}`", part
    for name in ("dataset", "field", "connector", "limit", "role", "page", "chart"):
        yield f"Each {name}", whole["$defs"][name]


def _resolved(member: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in member:
        return member
    return {**schema()["$defs"][member["$ref"].rpartition("/")[2]], **member}


def _type(member: Mapping[str, Any]) -> str:
    found = _resolved(member)
    if "const" in found:
        return f"`{found['const']}`"
    if "enum" in found:
        return ", ".join(f"`{one}`" for one in found["enum"])
    kind = found.get("type", "")
    if kind == "array":
        return f"list of {_type(found['items'])}"
    if "$ref" in member and found.get("type") == "object":
        return member["$ref"].rpartition("/")[2]
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{text} `{found['pattern']}`".replace("|", "\\|") if "pattern" in found else text


def _meaning(member: Mapping[str, Any]) -> str:
    return str(_resolved(member).get("description", ""))
