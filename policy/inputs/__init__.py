"""The frozen facts that a decision is made on. Pure Python: CI uses it without Django or a database.

Facts describe, rules judge: nothing here says what is right. No fact holds a value that a person typed
into a record, so that an input may be stored, shown and replayed. Sets become sorted lists; what is false,
empty or unknown is left out, so that equal facts make equal and small documents: in the rules a missing
fact reads as "no". Rules compare strings for equality alone: a hostile name can be shown, never understood.
"""

from policy.inputs.app import (
    AppFacts,
    AppRoleFacts,
    ConnectorFacts,
    DatasetFacts,
    FieldFacts,
    OperationFacts,
)
from policy.inputs.context import (
    NUMBERS,
    PROBE,
    AccessRuleFacts,
    Approval,
    CallFacts,
    ClockFacts,
    Context,
    ExceptionFacts,
    Resource,
    SessionFacts,
    ThresholdFacts,
    to_document,
)
from policy.inputs.facts import (
    ENTRY_POINT,
    WRITES,
    Action,
    Document,
    Facts,
    Subject,
    Target,
)

__all__ = [
    "ENTRY_POINT",
    "NUMBERS",
    "PROBE",
    "WRITES",
    "AccessRuleFacts",
    "Action",
    "AppFacts",
    "AppRoleFacts",
    "Approval",
    "CallFacts",
    "ClockFacts",
    "ConnectorFacts",
    "Context",
    "DatasetFacts",
    "Document",
    "ExceptionFacts",
    "Facts",
    "FieldFacts",
    "OperationFacts",
    "Resource",
    "SessionFacts",
    "Subject",
    "Target",
    "ThresholdFacts",
    "to_document",
]
