"""Every kind of notice, grouped by the room that sends it, with the words that people read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a notice says. `%(title)s` is filled from the notice's parameters.

    A member's value is stored; it is never renamed.
    """

    # approvals
    APPROVAL_WAITING = "approval.waiting", _("“%(title)s” waits for your decision")
    APPROVAL_REMINDER = "approval.reminder", _("“%(title)s” still waits for your decision")
    APPROVAL_ESCALATED = "approval.escalated", _("“%(title)s” is overdue and now waits for you")
    APPROVAL_CHANGED = "approval.changed", _("“%(title)s” has changed; approvals so far no longer count")
    APPROVAL_GRANTED = "approval.granted", _("“%(title)s” was approved")
    APPROVAL_REJECTED = "approval.rejected", _("“%(title)s” was rejected")
    APPROVAL_CHANGES = "approval.changes", _("Changes are asked for on “%(title)s”")
    APPROVAL_WITHDRAWN = "approval.withdrawn", _("“%(title)s” was withdrawn")
    APPROVAL_EXPIRED = "approval.expired", _("“%(title)s” was not decided in time")
    APPROVAL_LAPSED = "approval.lapsed", _("“%(title)s” lapsed: what it asked for is not there any more")

    # datacatalog
    ERASURE_DONE = "erasure.done", _("“%(title)s” is done; its certificate is ready")
    ERASURE_HELD = (
        "erasure.held",
        _("“%(title)s” is done but for what a legal hold keeps; run it again after the release"),
    )

    # catalog
    APP_INHERITED = "app.inherited", _("“%(title)s” is yours now: its owner has left. Look it over")

    # policy
    POLICY_ENGINE_DOWN = (
        "policy.engine_down",
        _("No policy engine answers; all is denied until one does"),
    )
    RULES_FAILED = "rules.failed", _("Version %(title)s of the rules failed its checks")
    RULES_ROLLED_BACK = "rules.rolled_back", _("The rules were rolled back")
    RULES_NOT_LOADED = "rules.not_loaded", _("New rules did not come up in a process; the ones before decide")
    EXCEPTION_ENDING = "exception.ending", _("The exception for “%(title)s” ends within a week")
    OVERRIDE_GRANTED = (
        "override.granted",
        _("A rule is overridden in “%(title)s”. Review what is done"),
    )
    EXCEPTION_EXPIRED = "exception.expired", _("The exception for “%(title)s” is over")
    SIMULATION_DONE = "simulation.done", _("The simulation of “%(title)s” of the rules is finished")
    SIMULATION_FAILED = "simulation.failed", _("The simulation of “%(title)s” of the rules failed")

    # vault
    KEY_OLD = "key.old", _("The key for “%(title)s” is old: rotate it")
    KEY_DISABLED = "key.disabled", _("The key for “%(title)s” was switched off: nothing of it can be read")
    KEY_DESTROYED = "key.destroyed", _("The key for “%(title)s” was destroyed; the certificate is here")

    # portal
    BREAK_GLASS_ISSUED = (
        "break_glass.issued",
        _("A break-glass link for %(title)s was made on the server"),
    )
    BREAK_GLASS_USED = "break_glass.used", _("%(title)s signed in by break-glass. Review what was done")
