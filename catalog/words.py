"""Problems and differences of manifests in the reader's language (the manifest package knows no Django), and
what is said of templates."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from catalog.manifest import MESSAGES, Change, Problem
from catalog.models import TemplateRelease

# problems that people meet while typing read better than the schema's own words
_TYPING: dict[tuple[str, str], Promise] = {
    ("title", "too_short"): __("Give the app a name."),
    ("name", "pattern"): __("Use small letters, digits and hyphens or underscores, beginning with a letter."),
    ("label", "too_short"): __("Give the field a name."),
    ("name", "twice"): __("Another field has this name already."),
    ("options", "options_missing"): __("Write at least two options, one a line."),
}
_PARTS: dict[str, Promise] = {
    "app": __("App"),
    "template": __("Template"),
    "hosting": __("Hosting"),
    "access": __("Access"),
    "dataset": __("Dataset"),
    "field": __("Field"),
    "connector": __("Connector"),
    "role": __("Role"),
    "guardrails": __("Limits"),
}
_MEMBERS: dict[str, Promise] = {
    "name": __("name"),
    "title": __("title"),
    "label": __("label"),
    "description": __("description"),
    "purpose": __("purpose"),
    "owner": __("owner"),
    "unit": __("unit"),
    "version": __("version"),
    "region": __("region"),
    "groups": __("groups"),
    "type": __("type"),
    "required": __("must be filled in"),
    "classification": __("classification"),
    "residency": __("residency"),
    "retention_days": __("kept for (days)"),
    "options": __("options"),
    "operations": __("operations"),
    "permissions": __("permissions"),
    "downgrade_reason": __("reason for tagging lower"),
    "suggestion": __("suggestion"),
    "source": __("source"),
    "exports_per_day": __("exports a day"),
    "scope": __("scope"),
    "guardrails": __("limits"),
}

_PERMISSIONS: dict[str, Promise] = {
    "record.create": __("add records"),
    "record.list": __("list records"),
    "record.read": __("read a record"),
    "record.update": __("change records"),
    "record.delete": __("delete records"),
    "record.export": __("ask for exports"),
    "value.reveal": __("reveal protected values"),
    "dashboard.view": __("see the overview"),
    "connector.call": __("call connectors"),
}


def permission(code: str) -> str:
    """What a permission of an app's role lets its holders do; one of a later release is shown by its code."""
    return str(_PERMISSIONS.get(code, code))


def problem(found: Problem) -> str:
    """What is wrong, in words."""
    member = str(found.path[-1]) if found.path else ""
    typed = _TYPING.get((member, found.code))
    return str(typed) if typed else _(MESSAGES[found.code]) % found.params


def change(found: Change) -> str:
    """What differs, in words."""
    part, _dot, what = found.code.partition(".")
    if what == "reordered":
        return _("The order changed: %(what)s") % {"what": found.subject or _plural(part)}
    if part in ("pages", "locked"):
        return _("The pages changed") if part == "pages" else _("The locked parts changed")
    subject = f"{_PARTS[part]} “{found.subject}”" if found.subject else str(_PARTS[part])
    if what == "added":
        value = _value(found.new)
        return (
            _("%(subject)s added (%(value)s)") % {"subject": subject, "value": value}
            if value
            else _("%(subject)s added") % {"subject": subject}
        )
    if what == "removed":
        return _("%(subject)s removed") % {"subject": subject}
    return _("%(subject)s: %(member)s from %(old)s to %(new)s") % {
        "subject": subject,
        "member": _MEMBERS.get(found.member, found.member),
        "old": _value(found.old) or _("nothing"),
        "new": _value(found.new) or _("nothing"),
    }


def withdrawn(title: str, release: TemplateRelease) -> str:
    """That the template is no longer offered, and why."""
    return _("The template “%(title)s” was withdrawn: %(reason)s") % {
        "title": title,
        "reason": release.reason,
    }


def _plural(part: str) -> str:
    return {"datasets": _("datasets"), "connectors": _("connectors"), "roles": _("roles")}.get(part, part)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(_value(item) for item in value.values() if item)
    return "" if value is None else f"“{value}”"
