"""What beat starts. May run twice, late, or never: what is due stays due."""

from celery import shared_task

from notices import delivery


@shared_task(ignore_result=True)
def deliver() -> dict[str, int]:
    """Fill inboxes, then send mails."""
    return {"portal": delivery.deliver_portal(), "mail": delivery.deliver_mail()}
