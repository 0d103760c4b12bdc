"""What Entra ID and Okta send in a PATCH beside the RFC's own form, brought to that form.

Sources: "Develop and plan provisioning for a SCIM endpoint in Microsoft Entra ID" and "Known issues and
resolutions with SCIM 2.0 protocol compliance" (Microsoft), "Understanding SCIM" (Okta). Capitalised
operations, dotted and qualified keys and text for booleans need nothing: scim2-models and the resource
classes take them.
"""

from typing import Any

from scim2_models import MutabilityException

from identity.scim.filters import check_size
from identity.scim.payload import member

_MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager"
_PASSED_OVER = {"id", "schemas", "meta"}


def plain(operation: Any, pk: str) -> Any:
    """`operation` on the resource `pk` in the RFC's form; what is none is left for the engine to refuse.

    Raises:
        MutabilityException: it sets another id.
        InvalidFilterException: its path is a bomb.
    """
    if not isinstance(operation, dict):
        return operation
    op, path, value = (member(operation, name) for name in ("op", "path", "value"))
    if path is None and isinstance(value, dict):
        return {"op": op, "value": _without_read_only(value, pk)}
    if not isinstance(path, str):
        return operation
    check_size(path)
    if path.lower() in {_MANAGER, f"{_MANAGER}.value"}:
        return _manager(op, value)
    if _is_wrapped(path, value):
        return {"op": op, "path": path, "value": member(value[0], "value")}
    return operation


def _without_read_only(value: dict[str, Any], pk: str) -> dict[str, Any]:
    """Okta repeats the id when it renames a group."""
    if str(member(value, "id") or pk).lower() != pk:
        raise MutabilityException(attribute="id", detail="The id cannot be changed.")
    return {key: item for key, item in value.items() if key.lower() not in _PASSED_OVER}


def _manager(op: Any, value: Any) -> dict[str, Any]:
    """Entra sends the id alone, in an object or in a list of one; an empty one takes the manager away."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        value = member(value, "value")
    if str(op).lower() == "remove" or value in (None, ""):
        return {"op": "remove", "path": _MANAGER}
    return {"op": op, "path": _MANAGER, "value": {"value": value}}


def _is_wrapped(path: str, value: Any) -> bool:
    """Entra's older form has single values in a list: `[{"$ref": null, "value": "Lead"}]`."""
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        return False
    single = {key.lower() for key in value[0]} <= {"$ref", "value"} and "[" not in path
    return single and path.lower() not in {"emails", "members"}
