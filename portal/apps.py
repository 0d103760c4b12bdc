from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Tasks that this process queues go to our Celery app, and not to a default one."""
        from portal import celery  # noqa: F401 - makes itself the current app, after the settings are there
