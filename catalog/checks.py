"""System checks: a broken template stops `manage.py check`, `migrate` and the server's start (T1)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from catalog import content, templates
from catalog.manifest import ManifestError, Problem


@register(Tags.models)
def check_templates(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """One error for each thing that is wrong with a template of the library."""
    return [found for folder in templates.folders() for found in check_template(folder)]


def check_template(folder: Path) -> list[CheckMessage]:
    """What is wrong with the template in `folder`: its shape, its words, the app that it makes."""
    try:
        template = templates.load(folder)
    except ManifestError as error:
        return [_error(folder, problem) for problem in error.problems]
    draft = content.begin(template, owner="owner", unit="unit")
    draft["metadata"] |= {"name": template.id, "title": template.title}
    found = [_error(folder, problem) for problem in content.problems(template, draft)]
    untagged = [
        field["name"]
        for dataset in draft["datasets"]
        for field in dataset["fields"]
        if not (field["classification"] and field["residency"] and field["retention_days"])
    ]
    if untagged:
        found.append(
            Error(f"{folder.name}: fields without all tags: {', '.join(untagged)}", id="catalog.E002")
        )
    if not {"identity", "connectors"} <= set(template.locked):
        found.append(Error(f"{folder.name}: identity and connectors must be locked", id="catalog.E003"))
    if not (folder / "README.md").is_file():
        found.append(Error(f"{folder.name}: README.md is missing", id="catalog.E004"))
    return found


def _error(folder: Path, problem: Problem) -> CheckMessage:
    return Error(f"{folder.name}/{templates.TEMPLATE_FILE}: {problem}", id="catalog.E001")
