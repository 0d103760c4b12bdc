"""What a person was told."""

from django.db.models import QuerySet

from identity.models import User
from notices.models import Notice

PAGE_SIZE = 25


def notices_of(user: User) -> QuerySet[Notice]:
    """Everything `user` was told, newest first."""
    return Notice.objects.filter(person=user.pk).order_by("-created_at", "-pk")


def unread(user: User) -> int:
    """How many of them `user` has not read."""
    return Notice.objects.filter(person=user.pk, read_at=None).count()
