"""Words for the codes inside sentences, and for actions and tiers. Pure Python, as policy/sentences.py."""

from approvals.tiers import TIERS
from policy.marks import gettext_lazy as __

LABELS: dict[str, str] = {
    **TIERS,
    "builder": __("builder"),
    "admin": __("admin"),
    "high_risk_fields": __("it holds special, card, health or credential data"),
    "protected_across_border": __("it holds protected data across a border"),
    "protected_fields": __("it holds protected data"),
    "across_border": __("its data lies across a border"),
    "own_design": __("it is not built on an approved template alone"),
    "raw_export": __("raw protected values leave the portal"),
    "gdpr_export": __("personal data under the GDPR leaves the portal"),
    "override": __("a guardrail is overridden"),
    # actions
    "app.submit": __("submit an app"),
    "app.go_live": __("take an app live"),
    "record.create": __("add a record"),
    "record.list": __("list records"),
    "record.read": __("read a record"),
    "record.update": __("change a record"),
    "record.delete": __("delete a record"),
    "value.reveal": __("reveal a value"),
    "record.export": __("export records"),
    "dashboard.view": __("see a dashboard"),
    "dataset.import": __("import datasets"),
    "admin.override": __("override a guardrail"),
    "admin.use": __("use the admin"),
    "approval.vote": __("decide a request"),
    "connector.call": __("call a connector"),
    "sensitive_operations": __("its connectors do what asks for a second factor or a ticket"),
    "mon": __("Monday"),
    "tue": __("Tuesday"),
    "wed": __("Wednesday"),
    "thu": __("Thursday"),
    "fri": __("Friday"),
    "sat": __("Saturday"),
    "sun": __("Sunday"),
    # access rules that come with the portal, by name
    "Django admin": __("Django admin"),
    "Values of a high class in clear": __("Values of a high class in clear"),
    "Exports of protected values in clear": __("Exports of protected values in clear"),
    "Overrides by admins": __("Overrides by admins"),
    "Sensitive operations": __("Sensitive operations"),
}
