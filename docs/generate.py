"""Reference pages made from the code. `--check` says which are out of date, and fails.

Each maker is named by dotted path and returns the page's text; a page lives in docs/reference/.
"""

import importlib
import os
import sys
from pathlib import Path

import django

REFERENCE = Path(__file__).resolve().parent / "reference"
MAKERS = {
    "app-states.md": "docs.catalog_pages:states",
    "approvals-states.md": "docs.approvals_states:page",
    "data-change-states.md": "docs.policy_pages:data_change_states",
    "events.md": "docs.events:page",
    "exception-states.md": "docs.policy_pages:exception_states",
    "key-states.md": "docs.vault_pages:key_states",
    "export-states.md": "docs.runtime_pages:states",
    "manifest.md": "docs.catalog_pages:manifest",
    "masks.md": "docs.masks_page:page",
    "microapp-v1.schema.json": "docs.catalog_pages:manifest_schema",
    "policies.md": "policy.reference:page",
    "rules-states.md": "docs.policy_pages:rules_states",
    "scheme-v1.schema.json": "docs.catalog_pages:scheme_schema",
    "simulation-states.md": "docs.policy_pages:simulation_states",
    "scim.md": "docs.scim_page:page",
    "subject-states.md": "docs.data_pages:subject_states",
    "suggestions.md": "docs.suggestions_page:page",
}


def main() -> int:
    """Write every page, or with --check compare; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    stale = []
    for name, target in MAKERS.items():
        module, function = target.split(":")
        text = getattr(importlib.import_module(module), function)()
        path = REFERENCE / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in sys.argv:
            stale.append(name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run python -m docs.generate\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
