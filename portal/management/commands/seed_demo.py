"""`manage.py seed_demo`: the demo of `portal up`; refused where the portal is not for development."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import demo


class Command(BaseCommand):
    """Tenants, people, roles and data of the demo."""

    help = "Bring the demo to its first state (development only)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, or say why not."""
        if not settings.DEVELOPMENT:
            raise CommandError("The demo's people may sign in as anyone: only with PORTAL_DEVELOPMENT=1.")
        try:
            demo.seed()
        except demo.SeedFailed as error:
            raise CommandError(str(error)) from error
