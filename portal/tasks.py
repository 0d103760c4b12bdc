"""Work of this room that nobody waits for."""

from celery import shared_task

from identity.services import forget_forms


@shared_task(ignore_result=True)
def forget_kept_forms() -> None:
    """Delete the forms that nobody came back for; beat calls it every few minutes."""
    forget_forms()
