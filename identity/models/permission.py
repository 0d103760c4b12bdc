"""Rights of one person or group on one app, dataset or request, in django-guardian's form (I3).

A room subclasses both for each of its models that takes such rights; guardian finds them by the foreign key
`content_object`. They are walled as every table of a tenant (docs/adr/0071-object-permissions.md).
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from guardian.models import (
    GroupObjectPermissionAbstract,
    GroupObjectPermissionBase,
    UserObjectPermissionBase,
)

from identity.tenancy import TenantModel
from ledger.events import Event


class Granted(TenantModel):
    """Who granted it and when; the tenant is that of the thing, however the row is made."""

    granted_event = Event.PERMISSION_GRANTED
    revoked_event = Event.PERMISSION_REVOKED

    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.tenant_id = self.content_object.tenant_id  # type: ignore[attr-defined]
        super().save(*args, **kwargs)

    @classmethod
    def app_of(cls, thing: Any) -> uuid.UUID | None:  # noqa: ARG003 - each room knows its things
        """The app that `thing` belongs to, in whose timeline the grant stands."""
        return None


class UserGrant(Granted, UserObjectPermissionBase):
    """`user` has `permission` on `content_object`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True

    @property
    def holder(self) -> Any:
        """Who has the right."""
        return self.user


class GroupGrant(Granted, GroupObjectPermissionBase):
    """Every member of `group` has `permission` on `content_object`, as long as he is one."""

    group = models.ForeignKey("identity.Group", models.CASCADE, related_name="+")  # type: ignore[assignment]

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = True

    @property
    def holder(self) -> Any:
        """Who has the right."""
        return self.group


class AnyGroupPermission(TenantModel, GroupObjectPermissionAbstract):
    """Tells guardian that groups are the directory's (GUARDIAN_GROUP_OBJ_PERMS_MODEL). No row is ever made: a
    grant names its thing by a foreign key, and the application may not insert here."""

    group = models.ForeignKey("identity.Group", models.CASCADE, related_name="+")  # type: ignore[assignment]

    class Meta(GroupObjectPermissionAbstract.Meta):
        abstract = False
