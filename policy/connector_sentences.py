"""The sentences of the rules on connectors; part of policy/sentences.py."""

from policy.marks import Sentence, ngettext_lazy
from policy.marks import gettext_lazy as __

# (code, case) -> what was found, what would make it pass
CONNECTORS: dict[tuple[str, str], tuple[Sentence, Sentence]] = {
    ("connector.least_privilege", "operation"): (
        __("Connector %(connector)s: the template does not allow %(operations)s"),
        __("Remove the operation, or start from a template that allows it."),
    ),
    ("connector.least_privilege", "access"): (
        __("Connector %(connector)s: the template gives %(operations)s another direction"),
        __("Read where the template reads, and write where it writes."),
    ),
    ("connector.least_privilege", "scope"): (
        __("These connectors reach further than the template allows: %(connectors)s"),
        __("Name a scope, and nothing in it that the template's does not name."),
    ),
    ("connector.least_privilege", "allowed"): (
        __("Connectors do only what the template allows: %(connectors)s"),
        "",
    ),
    ("connector.scope", "connector"): (
        __("The app declares no such connector."),
        __("Call a connector that the app's manifest names."),
    ),
    ("connector.scope", "operation"): (
        __("The app does not declare this operation of the connector."),
        __("Call an operation that the app declares, or have a version approved that declares this one."),
    ),
    ("connector.scope", "direction"): (
        __("The operation is not declared for this direction: what reads does not write, nor the reverse."),
        __("Use an operation that is declared for it."),
    ),
    ("connector.scope", "scope"): (
        __("This lies outside the connector's scope (%(scope)s)."),
        __("Name something inside the scope, or have a version approved that includes it."),
    ),
    ("connector.scope", "role"): (
        __("This operation is for these app roles alone: %(app_roles)s."),
        __("Ask the app's owner for one of these app roles; it comes with a group."),
    ),
    ("connector.scope", "inside"): (__("The app declares this: %(connector)s, %(operation)s"), ""),
    ("connector.cross_border", "unknown"): (
        __("Where these systems lie is not known, and they would get protected values: %(connectors)s"),
        __("Say in which region the connector's system lies."),
    ),
    ("connector.cross_border", "own_key"): (
        __("Protected values would cross a border (%(jurisdictions)s) without your own key: %(connectors)s"),
        __("Bring your own key (BYOK), use a connector in the data's region, or leave the values out."),
    ),
    ("connector.cross_border", "exception"): (
        __("No exception lets protected values cross this border (%(jurisdictions)s): %(connectors)s"),
        __("Ask for an exception for the transfer, or use a connector in the data's region."),
    ),
    ("connector.cross_border", "excepted"): (
        __("Protected values cross a border (%(jurisdictions)s) by an exception: %(connectors)s"),
        __("Use a connector in the data's region, and the exception is not needed."),
    ),
    ("connector.cross_border", "leaves"): (
        __("Values that are not protected leave their region, or may do so: %(connectors)s"),
        __("Use a connector in the data's region, and say in which region its system lies."),
    ),
    ("connector.cross_border", "stays"): (__("Connectors stay in the data's region: %(connectors)s"), ""),
    ("operation.guardrails", "hours"): (
        __("This operation runs from %(from_minute)s until %(until_minute)s only."),
        __("Try again within these hours."),
    ),
    ("operation.guardrails", "days"): (
        __("This operation runs on these days only: %(days)s."),
        __("Try again on one of these days."),
    ),
    ("operation.guardrails", "rate"): (
        ngettext_lazy(
            "This operation may run %(per_hour)d time an hour, and that is used up.",
            "This operation may run %(per_hour)d times an hour, and that is used up.",
            "per_hour",
        ),
        __("Try again later; what was called more than an hour ago no longer counts."),
    ),
    ("operation.guardrails", "ticket"): (
        __("This operation takes a ticket, and none is named."),
        __("Name the ticket of the change or the incident."),
    ),
    ("operation.guardrails", "second_factor"): (
        __("This operation takes a second factor, and nobody asked you for one."),
        __("Call it from the app's page while you are signed in."),
    ),
    ("operation.guardrails", "kept"): (__("Hours, rate and ticket are kept"), ""),
    ("operation.guardrails", "sensitive"): (
        __("These operations ask for a second factor or a ticket: %(operations)s"),
        __("Nothing to do. Leave out what the app does not need."),
    ),
    ("operation.guardrails", "unlimited"): (
        __("These operations write without a limit to their number: %(operations)s"),
        __("Set how often each may be called in an hour."),
    ),
}
