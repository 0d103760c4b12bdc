"""A form that a person had filled in when he was sent to prove who he is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models.user import User
from identity.tenancy import TenantModel


class KeptForm(TenantModel):
    """Sealed under the tenant's keys by the room above (portal/kept_forms.py); lives for minutes."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+", editable=False)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("kept form")
        indexes = [models.Index(fields=["expires_at"], name="kept_form_expiry")]
