"""Events in words."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.events import Event

TITLES: dict[Event, Promise] = {
    Event.SIGNED_IN: gettext_lazy("Signed in"),
    Event.SIGN_IN_REFUSED: gettext_lazy("Sign-in refused"),
    Event.SIGNED_OUT: gettext_lazy("Signed out"),
    Event.STEPPED_UP: gettext_lazy("Confirmed with a second factor"),
    Event.OFFBOARDING_BEGUN: gettext_lazy("Offboarding begun"),
    Event.OFFBOARDING_STEP_DONE: gettext_lazy("Step of an offboarding done"),
    Event.OFFBOARDING_RETRIED: gettext_lazy("Step of an offboarding tried again"),
    Event.OFFBOARDING_DONE: gettext_lazy("Offboarding done"),
    Event.BREAK_GLASS_ISSUED: gettext_lazy("Break-glass link issued"),
    Event.BREAK_GLASS_USED: gettext_lazy("Break-glass link used"),
    Event.BREAK_GLASS_REVIEWED: gettext_lazy("Break-glass reviewed"),
    Event.SESSION_ENDED: gettext_lazy("Session ended"),
    Event.SESSIONS_ENDED: gettext_lazy("All sessions ended"),
    Event.TOKEN_CREATED: gettext_lazy("Access token made"),
    Event.TOKEN_REVOKED: gettext_lazy("Access token revoked"),
    Event.DEVICE_APPROVED: gettext_lazy("Command line let in"),
    Event.DEVICE_DENIED: gettext_lazy("Command line turned away"),
    Event.SIGNAL_RECEIVED: gettext_lazy("Security event received"),
    Event.SIGNAL_STREAM_ADDED: gettext_lazy("Signal stream added"),
    Event.SIGNAL_STREAM_CHANGED: gettext_lazy("Signal stream changed"),
    Event.TENANT_CREATED: gettext_lazy("Tenant created"),
    Event.USER_PROVISIONED: gettext_lazy("Person provisioned"),
    Event.USER_CHANGED: gettext_lazy("Person changed"),
    Event.USER_DEACTIVATED: gettext_lazy("Person deactivated"),
    Event.USER_REACTIVATED: gettext_lazy("Person reactivated"),
    Event.USER_REMOVED: gettext_lazy("Person removed"),
    Event.GROUP_PROVISIONED: gettext_lazy("Group provisioned"),
    Event.GROUP_CHANGED: gettext_lazy("Group changed"),
    Event.GROUP_REMOVED: gettext_lazy("Group removed"),
    Event.ROLE_GRANTED: gettext_lazy("Role granted"),
    Event.ROLE_REVOKED: gettext_lazy("Role revoked"),
    Event.RISK_CHANGED: gettext_lazy("Risk of the account changed"),
    Event.PERMISSION_GRANTED: gettext_lazy("Right on one thing granted"),
    Event.PERMISSION_REVOKED: gettext_lazy("Right on one thing revoked"),
    Event.SCIM_CLIENT_CREATED: gettext_lazy("SCIM client created"),
    Event.SCIM_CLIENT_CHANGED: gettext_lazy("SCIM client changed"),
    Event.SCIM_CLIENT_REVOKED: gettext_lazy("SCIM client revoked"),
    Event.PROVIDER_CREATED: gettext_lazy("Sign-in provider added"),
    Event.PROVIDER_CHANGED: gettext_lazy("Sign-in provider changed"),
    Event.PROVIDER_TESTED: gettext_lazy("Sign-in provider tested"),
    Event.PROVIDER_ENABLED: gettext_lazy("Sign-in provider enabled"),
    Event.PROVIDER_DISABLED: gettext_lazy("Sign-in provider disabled"),
    Event.PROVIDER_REMOVED: gettext_lazy("Sign-in provider deleted"),
    Event.SCIM_TOKEN_ISSUED: gettext_lazy("SCIM token issued"),
    Event.SCIM_TOKEN_EXPIRES: gettext_lazy("SCIM token set to expire"),
    Event.SCIM_TOKEN_REVOKED: gettext_lazy("SCIM token revoked"),
    Event.SECRET_KEPT: gettext_lazy("Secret stored"),
    Event.SECRET_DROPPED: gettext_lazy("Secret deleted"),
    Event.KEYS_PROVISIONED: gettext_lazy("Keys made"),
    Event.KEY_ANNOUNCED: gettext_lazy("Signing key announced"),
    Event.KEY_ROTATED: gettext_lazy("Key rotated"),
    Event.KEY_REWRAPPED: gettext_lazy("Data keys wrapped anew"),
    Event.KEY_IMPORT_BEGUN: gettext_lazy("Import of a key begun"),
    Event.KEY_IMPORTED: gettext_lazy("Key imported"),
    Event.KEY_DISABLED: gettext_lazy("Key switched off"),
    Event.KEY_ENABLED: gettext_lazy("Key switched on"),
    Event.KEY_DESTRUCTION_ASKED: gettext_lazy("Destruction of a key asked for"),
    Event.KEY_DESTRUCTION_REFUSED: gettext_lazy("Destruction of a key refused"),
    Event.KEY_DESTRUCTION_GRANTED: gettext_lazy("Destruction of a key granted"),
    Event.KEY_DESTROYED: gettext_lazy("Key destroyed"),
    Event.KEY_OLD: gettext_lazy("Key found too old"),
    Event.SCHEME_SEEDED: gettext_lazy("Classifications and regions set up"),
    Event.CONTRACT_IMPORTED: gettext_lazy("Description of data imported"),
    Event.DATASET_PUBLISHED: gettext_lazy("Dataset published by an app"),
    Event.DATASET_STORAGE_CHANGED: gettext_lazy("Table of a dataset made or changed"),
    Event.DATASET_STORAGE_DROPPED: gettext_lazy("Table of a dataset deleted"),
    Event.FIELDS_CONFIRMED: gettext_lazy("Tags of fields confirmed"),
    Event.FIELD_DOWNGRADED: gettext_lazy("Tag of a field lowered"),
    Event.FIELDS_UNTAGGED: gettext_lazy("Bulk tagging taken back"),
    Event.CONTRACT_EXPORTED: gettext_lazy("Data contract exported"),
    Event.DATABASE_READ: gettext_lazy("Description of a database read"),
    Event.HOLD_PLACED: gettext_lazy("Legal hold placed"),
    Event.HOLD_RELEASED: gettext_lazy("Legal hold released"),
    Event.RECORDS_DISPOSED: gettext_lazy("Values deleted: by schedule, or as a person asked for"),
    Event.SUBJECT_SEARCHED: gettext_lazy("A person's data searched for"),
    Event.SUBJECT_TAKEN: gettext_lazy("A person's data taken, in clear"),
    Event.SUBJECT_ERASURE_ASKED: gettext_lazy("Erasure of a person's data asked for"),
    Event.SUBJECT_ERASURE_REFUSED: gettext_lazy("Erasure of a person's data not approved"),
    Event.SUBJECT_ERASURE_QUEUED: gettext_lazy("Erasure of a person's data begun"),
    Event.SUBJECT_ERASED: gettext_lazy("A person's data erased"),
    Event.SUBJECT_CLOSED: gettext_lazy("Request of a data subject closed"),
    Event.TEMPLATE_PUBLISHED: gettext_lazy("Template published"),
    Event.TEMPLATE_WITHDRAWN: gettext_lazy("Template withdrawn"),
    Event.DRAFT_STARTED: gettext_lazy("Draft started"),
    Event.DRAFT_HANDED_OVER: gettext_lazy("Draft handed over"),
    Event.DRAFT_DISCARDED: gettext_lazy("Draft discarded"),
    Event.APP_SUBMITTED: gettext_lazy("App submitted"),
    Event.APP_LAUNCHING: gettext_lazy("App launching"),
    Event.APP_LIVE: gettext_lazy("App live"),
    Event.APP_LAUNCH_FAILED: gettext_lazy("Launch failed"),
    Event.APP_REFUSED: gettext_lazy("App refused"),
    Event.APP_WITHDRAWN: gettext_lazy("App withdrawn"),
    Event.APP_CHANGES_ASKED: gettext_lazy("Changes asked for"),
    Event.APP_RETIRED: gettext_lazy("App retired"),
    Event.APP_OWNER_CHANGED: gettext_lazy("Owner of an app changed"),
    Event.APP_CO_OWNER_ADDED: gettext_lazy("Co-owner added"),
    Event.APP_CO_OWNER_REMOVED: gettext_lazy("Co-owner removed"),
    Event.APPROVAL_REQUESTED: gettext_lazy("Approval requested"),
    Event.APPROVAL_VOTED: gettext_lazy("Vote cast"),
    Event.APPROVAL_VOTES_DROPPED: gettext_lazy("Votes dropped"),
    Event.APPROVAL_CHANGES_ASKED: gettext_lazy("Reviewer asked for changes"),
    Event.APPROVAL_RESUBMITTED: gettext_lazy("Request sent again"),
    Event.APPROVAL_GRANTED: gettext_lazy("Request approved"),
    Event.APPROVAL_REJECTED: gettext_lazy("Request rejected"),
    Event.APPROVAL_WITHDRAWN: gettext_lazy("Request withdrawn"),
    Event.APPROVAL_EXPIRED: gettext_lazy("Request expired"),
    Event.APPROVAL_HANDED_OVER: gettext_lazy("Request handed over"),
    Event.APPROVAL_LAPSED: gettext_lazy("Request lapsed"),
    Event.APPROVAL_REMINDED: gettext_lazy("Reviewer reminded"),
    Event.APPROVAL_ESCALATED: gettext_lazy("Request escalated"),
    Event.DECISION_ALLOWED: gettext_lazy("Policy allowed"),
    Event.DECISION_DENIED: gettext_lazy("Policy refused"),
    Event.DECISION_OVERRIDE: gettext_lazy("Policy overridden"),
    Event.POLICY_ENGINE_DOWN: gettext_lazy("No policy engine answered: everything was denied"),
    Event.RULES_PROPOSED: gettext_lazy("Rules proposed"),
    Event.RULES_CHECKED: gettext_lazy("Proposed rules checked"),
    Event.RULES_PUBLISHED: gettext_lazy("Rules put in force"),
    Event.RULES_REFUSED: gettext_lazy("Proposed rules refused"),
    Event.RULES_WITHDRAWN: gettext_lazy("Proposed rules taken back"),
    Event.RULES_ROLLED_BACK: gettext_lazy("Rules rolled back"),
    Event.RULES_NOT_LOADED: gettext_lazy("New rules did not come up: the ones before stay"),
    Event.EXCEPTION_ASKED: gettext_lazy("Exception or override asked for"),
    Event.EXCEPTION_GRANTED: gettext_lazy("Exception or override granted"),
    Event.EXCEPTION_REFUSED: gettext_lazy("Exception or override refused"),
    Event.EXCEPTION_ENDED: gettext_lazy("Exception or override ended early"),
    Event.EXCEPTION_EXPIRED: gettext_lazy("Exception or override expired"),
    Event.SIMULATION_STARTED: gettext_lazy("Simulation of rules started"),
    Event.SIMULATION_FINISHED: gettext_lazy("Simulation of rules finished"),
    Event.SIMULATION_CANCELLED: gettext_lazy("Simulation of rules cancelled"),
    Event.SIMULATION_FAILED: gettext_lazy("Simulation of rules failed"),
    Event.POLICY_DATA_PROPOSED: gettext_lazy("Change of policy data asked for"),
    Event.POLICY_DATA_APPLIED: gettext_lazy("Change of policy data in effect"),
    Event.POLICY_DATA_REFUSED: gettext_lazy("Nothing came of a change of policy data"),
    Event.ACCESS_RULES_SEEDED: gettext_lazy("Access rules set up"),
    Event.ACCESS_RULE_SAVED: gettext_lazy("Access rule saved"),
    Event.ACCESS_RULE_REMOVED: gettext_lazy("Access rule removed"),
    Event.NETWORK_SAVED: gettext_lazy("Network saved"),
    Event.NETWORK_REMOVED: gettext_lazy("Network removed"),
    Event.OPA_AGENT_ADDED: gettext_lazy("OPA agent added"),
    Event.OPA_AGENT_REVOKED: gettext_lazy("OPA agent revoked"),
    Event.OPA_TOKEN_ISSUED: gettext_lazy("Token of an OPA agent issued"),
    Event.OPA_TOKEN_EXPIRES: gettext_lazy("Token of an OPA agent set to expire"),
    Event.OPA_TOKEN_REVOKED: gettext_lazy("Token of an OPA agent revoked"),
    Event.RECORD_CREATED: gettext_lazy("Record created"),
    Event.RECORD_UPDATED: gettext_lazy("Record changed"),
    Event.RECORD_DELETED: gettext_lazy("Record deleted"),
    Event.RECORD_READ: gettext_lazy("Record read"),
    Event.RECORDS_READ: gettext_lazy("Records listed"),
    Event.VALUE_REVEALED: gettext_lazy("Protected value revealed"),
    Event.EXPORT_REQUESTED: gettext_lazy("Export asked for"),
    Event.EXPORT_APPROVED: gettext_lazy("Export approved"),
    Event.EXPORT_REFUSED: gettext_lazy("Export refused"),
    Event.EXPORT_STARTED: gettext_lazy("Export started"),
    Event.EXPORT_RESTARTED: gettext_lazy("Export started again"),
    Event.EXPORT_FINISHED: gettext_lazy("Export written"),
    Event.EXPORT_FAILED: gettext_lazy("Export failed"),
    Event.EXPORT_DOWNLOADED: gettext_lazy("Export taken"),
    Event.EXPORT_EXPIRED: gettext_lazy("Export deleted at its end"),
}


def title(kind: str) -> str:
    """The event's name for readers; one written by a later release is shown by its code."""
    try:
        return str(TITLES[Event(kind)])
    except (KeyError, ValueError):
        return kind


def person(who: uuid.UUID | None, names: Mapping[uuid.UUID, str]) -> str:
    """A name; the portal itself where nobody acted; who has been erased keeps only the id."""
    if who is None:
        return _("The portal")
    return names.get(who) or _("Person %(id)s") % {"id": str(who)[:8]}


def value(fact: Any) -> str:
    """A fact's value in one line."""
    if isinstance(fact, str):
        return fact
    if isinstance(fact, list) and all(isinstance(item, str) for item in fact):
        return ", ".join(fact)
    return json.dumps(fact, ensure_ascii=False)
