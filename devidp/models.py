"""What the provider keeps beside django-oauth-toolkit's own tables."""

from typing import ClassVar

from django.db import models


class CodeContext(models.Model):
    """How the person had signed in when a code was issued.

    django-oauth-toolkit takes `auth_time` from the account's last sign-in, which may be another
    browser's; the ID token has to tell about the session that asked for this very code.
    """

    code = models.CharField(max_length=255, primary_key=True)
    auth_time = models.PositiveBigIntegerField(help_text="Seconds since the epoch")
    acr = models.CharField(max_length=100)
    amr = models.JSONField()
    sid = models.CharField(max_length=100)

    objects: ClassVar[models.Manager["CodeContext"]] = models.Manager()

    def __str__(self) -> str:
        return f"{self.acr} at {self.auth_time}"
