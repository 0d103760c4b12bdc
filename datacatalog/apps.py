from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DatacatalogConfig(AppConfig):
    name = "datacatalog"
    verbose_name = _("Data catalog")
