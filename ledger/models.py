"""Read-only views of the record. The tables are made by SQL (migrations/0001_record.py): their
defaults, grants and triggers are the point, and no model may write to them."""

from django.db import models


class EventIndex(models.Model):
    """One sequenced event: where it stands in the log and what it is about.

    Filled by the sequencer from the event's body; row-level security shows a tenant its own rows.
    """

    idx = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField()
    at = models.DateTimeField()
    kind = models.TextField()
    tenant = models.UUIDField(null=True)
    actor = models.UUIDField(null=True)
    person = models.UUIDField(null=True)
    app = models.UUIDField(null=True)
    dataset = models.UUIDField(null=True)
    decision = models.UUIDField(null=True)
    object = models.TextField(null=True)  # noqa: DJ001 - the column of a table that is not ours to write

    class Meta:
        managed = False
        db_table = 'ledger"."event_index'


class StoredEvent(models.Model):
    """The event as it was written: its text is what the leaf hash covers."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    body = models.TextField()

    class Meta:
        managed = False
        db_table = 'ledger"."event'


class EventTag(models.Model):
    """A classification that a sequenced event touched."""

    idx = models.BigIntegerField(primary_key=True)
    tag = models.TextField()
    tenant = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = 'ledger"."event_tag'
