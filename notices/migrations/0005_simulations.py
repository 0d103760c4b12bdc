from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0004_policy"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("approval.waiting", "“%(title)s” waits for your decision"),
                    ("approval.reminder", "“%(title)s” still waits for your decision"),
                    ("approval.escalated", "“%(title)s” is overdue and now waits for you"),
                    ("approval.changed", "“%(title)s” has changed; approvals so far no longer count"),
                    ("approval.granted", "“%(title)s” was approved"),
                    ("approval.rejected", "“%(title)s” was rejected"),
                    ("approval.changes", "Changes are asked for on “%(title)s”"),
                    ("approval.withdrawn", "“%(title)s” was withdrawn"),
                    ("approval.expired", "“%(title)s” was not decided in time"),
                    ("approval.lapsed", "“%(title)s” lapsed: what it asked for is not there any more"),
                    ("app.inherited", "“%(title)s” is yours now: its owner has left. Look it over"),
                    ("policy.engine_down", "No policy engine answers; all is denied until one does"),
                    ("exception.ending", "The exception for “%(title)s” ends within a week"),
                    ("exception.expired", "The exception for “%(title)s” is over"),
                    ("simulation.done", "The simulation of “%(title)s” of the rules is finished"),
                    ("simulation.failed", "The simulation of “%(title)s” of the rules failed"),
                    ("break_glass.issued", "A break-glass link for %(title)s was made on the server"),
                    ("break_glass.used", "%(title)s signed in by break-glass. Review what was done"),
                ],
                max_length=40,
            ),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="kind",
            field=models.CharField(
                choices=[
                    ("approval.waiting", "“%(title)s” waits for your decision"),
                    ("approval.reminder", "“%(title)s” still waits for your decision"),
                    ("approval.escalated", "“%(title)s” is overdue and now waits for you"),
                    ("approval.changed", "“%(title)s” has changed; approvals so far no longer count"),
                    ("approval.granted", "“%(title)s” was approved"),
                    ("approval.rejected", "“%(title)s” was rejected"),
                    ("approval.changes", "Changes are asked for on “%(title)s”"),
                    ("approval.withdrawn", "“%(title)s” was withdrawn"),
                    ("approval.expired", "“%(title)s” was not decided in time"),
                    ("approval.lapsed", "“%(title)s” lapsed: what it asked for is not there any more"),
                    ("app.inherited", "“%(title)s” is yours now: its owner has left. Look it over"),
                    ("policy.engine_down", "No policy engine answers; all is denied until one does"),
                    ("exception.ending", "The exception for “%(title)s” ends within a week"),
                    ("exception.expired", "The exception for “%(title)s” is over"),
                    ("simulation.done", "The simulation of “%(title)s” of the rules is finished"),
                    ("simulation.failed", "The simulation of “%(title)s” of the rules failed"),
                    ("break_glass.issued", "A break-glass link for %(title)s was made on the server"),
                    ("break_glass.used", "%(title)s signed in by break-glass. Review what was done"),
                ],
                max_length=40,
            ),
        ),
    ]
