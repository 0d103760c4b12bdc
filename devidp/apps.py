"""The Django app of the development provider."""

from django.apps import AppConfig


class DevelopmentProvider(AppConfig):
    name = "devidp"
    verbose_name = "Development identity provider"
