"""The sentences of reason codes; policy/wording.py fills them in.

Pure Python: the portal translates when it shows them (policy/explain.py), the command line prints them as
they are.
"""

from policy.connector_sentences import CONNECTORS
from policy.marks import Sentence, ngettext_lazy
from policy.marks import gettext_lazy as __

UNKNOWN_RULE = __("The rule %(code)s applies (%(case)s).")
UNKNOWN_REMEDY = __("Ask the rule's owner; it is described in the reference.")
# (code, case) -> what was found, what would make it pass
SENTENCES: dict[tuple[str, str], tuple[Sentence, Sentence]] = {
    ("access.tenant", "other_tenant"): (
        __("This belongs to another tenant."),
        __("Sign in with an account of the tenant that owns it."),
    ),
    ("access.tenant", "inactive"): (
        __("This account is not active."),
        __("Ask your directory's administrators to activate the account."),
    ),
    ("access.unknown_action", "unknown"): (
        __("No rule knows this action, so it is denied."),
        __("Only actions that the policy library names can be allowed."),
    ),
    ("access.portal_role", "role"): (
        __("This takes one of these portal roles: %(roles)s."),
        __("Ask for a group of your directory that grants the role."),
    ),
    ("access.portal_role", "owner"): (
        __("Only an owner of the app may do this."),
        __("Ask an owner to do it, or to make you a co-owner."),
    ),
    ("access.portal_role", "granted"): (__("Your portal role allows this"), ""),
    ("access.app_role", "no_app"): (
        __("Records belong to an app, and none is named."),
        __("Open the records from their app."),
    ),
    ("access.app_role", "not_running"): (
        __("This app is not live."),
        __("Ask the app's owner to take it live."),
    ),
    ("access.app_role", "permission"): (
        __("None of your app roles allows this (%(action)s)."),
        __("Ask the app's owner for an app role with this permission; it comes with a group."),
    ),
    ("access.app_role", "dataset"): (
        __("The app has no such dataset."),
        __("Open the records from one of the app's pages."),
    ),
    ("access.app_role", "fields"): (
        __("The dataset has no such field."),
        __("Ask only for fields that the app shows."),
    ),
    ("access.app_role", "granted"): (__("Your app role allows this"), ""),
    ("policy.exception", "used"): (
        __("An exception from these rules was used: %(rules)s."),
        __("Nothing to do while it lasts; look for a way to need it no more."),
    ),
    ("catalog.untagged_field", "no_field"): (
        __("The app has no field yet"),
        __("Add at least one field."),
    ),
    ("catalog.untagged_field", "classification"): (
        ngettext_lazy(
            "%(count)d field without a classification", "%(count)d fields without a classification", "count"
        ),
        __("Choose a classification. Untagged fields cannot be submitted."),
    ),
    ("catalog.untagged_field", "residency"): (
        ngettext_lazy("%(count)d field without a residency", "%(count)d fields without a residency", "count"),
        __("Choose the region in which the values have to stay."),
    ),
    ("catalog.untagged_field", "tagged"): (
        ngettext_lazy("%(count)d field, tagged", "%(count)d fields, all tagged", "count"),
        "",
    ),
    ("identity.sso_required", "provider"): (
        __("People must reach the app by single sign-on"),
        __("Choose single sign-on in the access step."),
    ),
    ("identity.sso_required", "group"): (
        __("No group may use the app yet"),
        __("Name at least one group of your directory in the access step."),
    ),
    ("identity.sso_required", "sso"): (__("SSO only: %(groups)s"), ""),
    ("residency.cross_region_export", "storage"): (
        ngettext_lazy(
            "%(count)d protected field would be stored outside its region",
            "%(count)d protected fields would be stored outside their region",
            "count",
        ),
        __("Store the dataset in the region that the field names, or correct the field's residency."),
    ),
    ("residency.cross_region_export", "mixed"): (
        __("Personal data next to fields of other regions (%(jurisdictions)s): an export leaves the region"),
        __("Give all fields the same residency, or keep them in separate datasets."),
    ),
    ("residency.cross_region_export", "hosting"): (
        __("The app runs under other law (%(jurisdiction)s) than its data lies under"),
        __("Host the app in the region of its data."),
    ),
    ("residency.cross_region_export", "same_region"): (
        __("All data stays in one region: %(jurisdictions)s"),
        "",
    ),
    ("residency.cross_region_export", "no_target"): (
        __("Where the export goes is not known"),
        __("Say where the export goes."),
    ),
    ("residency.cross_region_export", "blocked"): (
        ngettext_lazy(
            "%(count)d field may not leave its region (to %(jurisdiction)s)",
            "%(count)d fields may not leave their region (to %(jurisdiction)s)",
            "count",
        ),
        __("Export to a place in the data's own region, or leave these fields out."),
    ),
    ("residency.cross_region_export", "leaves"): (
        ngettext_lazy(
            "%(count)d field leaves its region (to %(jurisdiction)s); none is protected",
            "%(count)d fields leave their region (to %(jurisdiction)s); none is protected",
            "count",
        ),
        __("Export to a place in the data's own region."),
    ),
    ("residency.cross_region_export", "stays"): (__("The export stays in its region: %(jurisdiction)s"), ""),
    ("data.pii_masking", "masked"): (
        ngettext_lazy(
            "%(count)d protected field is stored encrypted and shown masked",
            "%(count)d protected fields are stored encrypted and shown masked",
            "count",
        ),
        __("Nothing to do. Who needs a raw value needs an app role that may reveal it."),
    ),
    ("data.pii_masking", "revealers"): (
        __("These app roles may see raw values: %(roles)s"),
        __("Take the permission to reveal values away where it is not needed."),
    ),
    ("data.pii_masking", "nothing"): (__("No protected data"), ""),
    ("data.pii_masking", "raw"): (
        ngettext_lazy(
            "Your app roles do not allow the raw value of %(count)d protected field",
            "Your app roles do not allow the raw values of %(count)d protected fields",
            "count",
        ),
        __("Export masked values, or ask the app's owner for a role that may reveal values."),
    ),
    ("data.pii_masking", "credential"): (
        __("A credential is never shown again."),
        __("Replace it where it was issued; keep the new one in the secret store."),
    ),
    ("data.pii_masking", "applied"): (
        ngettext_lazy("%(count)d field is masked", "%(count)d fields are masked", "count"),
        "",
    ),
    ("approval.tier", "asks"): (
        __("Needs approval: %(tier)s"),
        __("Nothing to do before you submit; the request names the people."),
    ),
    ("approval.tier", "missing"): (
        __("Approval is missing from: %(roles)s"),
        __("Ask for approval. It is decided by people who are shown what you are asking for."),
    ),
    ("approval.tier", "granted"): (__("Approved: %(tier)s"), ""),
    ("approval.tier", "at_once"): (__("Low risk: live at once, without approval"), ""),
    ("secrets.hard_coded_credential", "found"): (
        ngettext_lazy(
            "%(count)d text looks like a credential", "%(count)d texts look like credentials", "count"
        ),
        __("Delete it, replace the credential where it was issued, and use the secret store."),
    ),
    ("secrets.hard_coded_credential", "clean"): (__("No credential in the manifest"), ""),
    ("export.approval", "two_people"): (
        ngettext_lazy(
            "%(count)d field is personal data under the GDPR: the export takes two people",
            "%(count)d fields are personal data under the GDPR: the export takes two people",
            "count",
        ),
        __("Ask for approval, or leave these fields out."),
    ),
    ("export.approval", "manager"): (
        ngettext_lazy(
            "%(count)d protected field would leave in clear: the export takes the manager",
            "%(count)d protected fields would leave in clear: the export takes the manager",
            "count",
        ),
        __("Ask for approval, or export masked values."),
    ),
    ("export.approval", "without"): (__("This export takes nobody's approval"), ""),
    ("retention.bounds", "missing"): (
        ngettext_lazy(
            "%(count)d protected field is kept without end",
            "%(count)d protected fields are kept without end",
            "count",
        ),
        __("Set the number of days after which the values are deleted."),
    ),
    ("retention.bounds", "too_long"): (
        ngettext_lazy(
            "%(count)d field is kept longer than its classification allows",
            "%(count)d fields are kept longer than their classification allows",
            "count",
        ),
        __("Set fewer days."),
    ),
    ("retention.bounds", "too_short"): (
        ngettext_lazy(
            "%(count)d field is kept shorter than its classification asks for",
            "%(count)d fields are kept shorter than their classification asks for",
            "count",
        ),
        __("Set more days."),
    ),
    ("retention.bounds", "bounded"): (__("Retention is within bounds"), ""),
    ("downgrade.reason", "missing"): (
        ngettext_lazy(
            "%(count)d field is tagged lower than suggested, without a reason",
            "%(count)d fields are tagged lower than suggested, without a reason",
            "count",
        ),
        __("Take the suggested classification, or write why a lower one is right."),
    ),
    ("downgrade.reason", "given"): (
        ngettext_lazy(
            "%(count)d field is tagged lower than suggested; the reviewer reads why",
            "%(count)d fields are tagged lower than suggested; the reviewer reads why",
            "count",
        ),
        __("Take the suggested classification."),
    ),
    ("duties.separation", "own"): (
        __("Nobody approves their own request."),
        __("Let somebody else decide."),
    ),
    ("duties.separation", "same_person"): (
        __("Each approval has to come from another person."),
        __("Let a second person decide."),
    ),
    ("duties.separation", "others"): (
        ngettext_lazy("Approved by %(count)d other person", "Approved by %(count)d other people", "count"),
        "",
    ),
    ("access.conditions", "sign_in"): (
        __("The rule “%(rule)s” asks for a stronger or fresher sign-in."),
        __("Sign in again when you are asked to; a second factor may be needed."),
    ),
    ("access.conditions", "too_weak"): (
        __("The rule “%(rule)s” asks for a stronger or fresher sign-in than yours."),
        __("Sign out, and sign in with the method that your company asks for."),
    ),
    ("access.conditions", "device_refused"): (
        __("The rule “%(rule)s” asks for a device that follows your company's rules; yours does not."),
        __("Bring the device up to date with your company's rules, or use one that is. Then sign in again."),
    ),
    ("access.conditions", "device_unknown"): (
        __("The rule “%(rule)s” asks for a device that your company manages, and yours is not known as one."),
        __("Use a managed device, and sign in there."),
    ),
    ("access.conditions", "network"): (
        __("The rule “%(rule)s” allows this from these networks alone: %(networks)s."),
        __("Connect to one of these networks, then try again."),
    ),
    ("access.conditions", "risk"): (
        __("The rule “%(rule)s” refuses this while your account is reported to be at risk."),
        __("Ask your IT department to look at the account; the report has to be cleared first."),
    ),
    ("access.conditions", "met"): (__("Your sign-in meets the access rules: %(rules)s"), ""),
    **CONNECTORS,
    ("engine.unavailable", "denied"): (
        __("The policy engine gives no answer, so this is denied for safety."),
        __("Try again in a moment. If it stays so, tell your platform team."),
    ),
}
