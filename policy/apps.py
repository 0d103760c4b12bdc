"""Django's view of this room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    """The decision point, its rules and what it decided."""

    name = "policy"
    verbose_name = _("policy")
