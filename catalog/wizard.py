"""The wizard as data: its steps, what each of them mends, and how far a draft has come.

The engine is small: a step is a form over a part of the draft's content (catalog/forms.py) and a template;
views post the form, save the draft, and show the same step again or go to the next.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from catalog.models import Draft


@dataclass(frozen=True)
class Step:
    """One page of the wizard.

    `parts` are the members of a manifest that it fills, `rules` the policy codes that it can satisfy: what
    is wrong with either belongs to this step.
    """

    key: str
    label: StrPromise
    title: StrPromise
    lede: StrPromise
    parts: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()

    @property
    def template(self) -> str:
        """The fragment that shows it."""
        return f"catalog/wizard/_{self.key}.html"


STEPS = (
    Step("template", _("Template"), _("What you start from"), _("The template sets the frame of your app.")),
    Step(
        "purpose",
        _("Purpose"),
        _("What is it for?"),
        _("The purpose decides which data the app may keep. Reviewers read it first."),
        frozenset({"metadata", "hosting", "template"}),
    ),
    Step(
        "fields",
        _("Fields"),
        _("Which data does it hold?"),
        _("Tag every field. The tags decide masking, where data is kept and who has to approve."),
        frozenset({"datasets", "pages"}),
        frozenset(
            {
                "catalog.untagged_field",
                "downgrade.reason",
                "residency.cross_region_export",
                "retention.bounds",
            }
        ),
    ),
    Step(
        "access",
        _("Access"),
        _("Who may use it?"),
        _("People come in through the company's sign-in, by the groups of your directory."),
        frozenset({"identity", "roles"}),
        frozenset({"identity.sso_required"}),
    ),
    Step(
        "preview",
        _("Preview"),
        _("See it before others do"),
        _("The pages with made-up data, and what the policy says about the whole app."),
    ),
    Step(
        "submit",
        _("Submit"),
        _("Ready to submit"),
        _("What you hand in cannot change any more; a new version can."),
    ),
)
BY_KEY = {step.key: step for step in STEPS}
ORDER = [step.key for step in STEPS]
FIRST = "purpose"  # where a new draft begins: the template is chosen by then


def neighbours(key: str) -> tuple[str | None, str | None]:
    """The steps before and after."""
    at = ORDER.index(key)
    return (ORDER[at - 1] if at else None), (ORDER[at + 1] if at + 1 < len(ORDER) else None)


def step_of_problem(path: tuple[str | int, ...]) -> str:
    """The step in which a problem of the manifest at `path` is mended."""
    return next((step.key for step in STEPS if path and path[0] in step.parts), FIRST)


def step_of_rule(code: str) -> str | None:
    """The step in which a policy rule can be satisfied, if it is in the builder's hand."""
    return next((step.key for step in STEPS if code in step.rules), None)


def progress(draft: Draft, current: str, blocked: Iterable[str]) -> list[dict[str, Any]]:
    """The steps for templates/_components/steps.html; those in `blocked` need attention once reached."""
    needs, reached = set(blocked), ORDER.index(draft.step)
    shown = []
    for at, step in enumerate(STEPS):
        state = "todo"
        if step.key == current:
            state = "current"
        elif step.key in needs:
            state = "blocked" if at <= reached else "todo"
        elif at < ORDER.index("preview") or at < reached:
            state = "done"
        url = reverse("catalog:step", args=[draft.pk, step.key])
        shown.append({"label": step.label, "url": url, "state": state})
    return shown
