"""System checks: a broken template stops `manage.py check`, `migrate` and the server's start (T1)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from catalog import templates
from catalog.lint.examine import read_template


@register(Tags.models)
def check_templates(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """One error for each thing that is wrong with a template of the library."""
    return [found for folder in templates.folders() for found in check_template(folder)]


def check_template(folder: Path) -> list[CheckMessage]:
    """What is wrong with the template in `folder`: its shape, its words, the app that it makes."""
    problems, _made, _places = read_template(folder)
    file = f"{folder.name}/{templates.TEMPLATE_FILE}"
    return [Error(f"{file}: {problem}", id="catalog.E001") for problem in problems]
