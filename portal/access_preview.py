"""What an access rule would touch, before it is saved."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog import manifest as m
from catalog.models import App
from catalog.states import AppState
from catalog.vocabulary import Vocabulary, vocabulary
from identity.errors import BadInput
from identity.models import Membership, User
from identity.presence import presence
from policy import conditions, pdp
from policy.inputs import Action, Context, FieldFacts, Resource
from policy.models import AccessRule, Network
from policy.rules import Rule, revision_of, rule_of, rules_of
from policy.subjects import subject_of

MOST_APPS = 200
# what is about the records of one app, connectors that are given them included
RECORDS = frozenset(
    action for action in Action if action.startswith(("record.", "value.", "dashboard.", "connector."))
)


@dataclass(frozen=True)
class AppTouched:
    """A live app in which the rule asks, and the classes of data for which it does."""

    title: str
    slug: str
    classes: Sequence[str]


@dataclass(frozen=True)
class Preview:
    """`people` may use one of `apps`; `portal` are the actions outside of apps' records that are touched."""

    apps: Sequence[AppTouched]
    people: int
    portal: frozenset[Action]
    capped: bool


def preview(rule: AccessRule) -> Preview:
    """Which live apps and whom the rule touches now, in a fixed number of queries; 200 apps are looked at."""
    value, words = as_value(rule), vocabulary()
    rows = App.objects.filter(state=AppState.LIVE).select_related("live_version").order_by("title")
    found = list(rows[: MOST_APPS + 1])
    touched: list[AppTouched] = []
    groups: set[str] = set()
    for app in found[:MOST_APPS]:
        assert app.live_version is not None  # noqa: S101 - a live app has one (app_live_pointer)
        manifest = app.live_version.parsed
        if classes := _classes(value, app.pk, manifest, words):
            touched.append(AppTouched(app.title, app.slug, classes))
            groups |= {group for role in manifest.roles for group in role.groups}
    members = Membership.objects.filter(group__name__in=groups, user__is_active=True)
    return Preview(
        apps=touched,
        people=members.values("user").distinct().count(),
        portal=frozenset(
            action for action in Action if action not in RECORDS and _might(value, action, words)
        ),
        capped=len(found) > MOST_APPS,
    )


def as_value(rule: AccessRule) -> Rule:
    """The rule as it will be when it is saved."""
    return rule_of(rule, {str(pk): name for pk, name in Network.objects.values_list("pk", "name")})


def check_not_shut_out(*, by: User, rule: AccessRule) -> None:
    """Raises:
    BadInput: with this rule `by` could not come back to the admin pages to change it.
    """
    value = as_value(rule)
    resource = Resource(tenant=str(by.tenant_id))
    if not rule.is_enabled or not value.touches(Action.ADMIN_USE, "", (), raw=False):
        return
    rules = rules_of(by.tenant_id, revision_of(by.tenant_id))
    asked = conditions.with_rules(Context(), rules, [value], presence())
    decision = pdp.decide(subject_of(by), Action.ADMIN_USE, resource, asked, preview=True)
    if not decision.allowed:
        why = decision.denials[0].text if decision.denials else ""
        raise BadInput(_("This rule would shut you out of the admin pages. %(why)s") % {"why": why})


def _classes(rule: Rule, app: uuid.UUID, manifest: m.Manifest, words: Vocabulary) -> list[str]:
    """The classes of the app's fields for which the rule asks something of its users."""
    found: set[str] = set()
    for field in (field for dataset in manifest.datasets for field in dataset.fields):
        known = words.classifications.get(field.classification)
        if known is None:
            continue
        facts = FieldFacts(id=field.id, classification=known.code, level=known.level, personal=known.personal)
        if any(rule.touches(action, str(app), [facts], raw=True) for action in RECORDS):
            found.add(known.label)
    return sorted(found)


def _might(rule: Rule, action: Action, words: Vocabulary) -> bool:
    """Whether the rule could touch `action`: about some app and any class of data."""
    app = min(rule.apps, default="")
    every = [
        FieldFacts(id=one.code, classification=one.code, level=one.level, personal=one.personal)
        for one in words.classifications.values()
    ]
    return rule.touches(action, app, every, raw=False)
