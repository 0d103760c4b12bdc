from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"

    def ready(self) -> None:
        """Hold every template to its format at start (catalog/checks.py)."""
        from catalog import checks  # noqa: F401 - registers itself, after the apps are there
