"""What stands in django-scim2's settings wherever nothing of ours uses the setting (ADR 0037).

Its defaults let any signed-in user read and change people. Should a class of it ever be reached that was
not replaced, it meets this and the request fails.
"""

from typing import Any, ClassVar

from scim2_models import ForbiddenException


def refuse(*_args: Any, **_kwargs: Any) -> Any:
    """Do nothing for anybody."""
    raise ForbiddenException(detail="This is not offered.")


def nobody(_user: object) -> bool:
    """No account is let in by its session, whoever it is."""
    return False


class NoFilter:
    """In the place of the library's filter parsers, which drop the terms that they do not know."""

    attr_map: ClassVar[dict[object, str]] = {}
    search = staticmethod(refuse)
