"""A request may lapse: nobody is left to ask for it, or nothing to decide about."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_requests"),
        ("identity", "0003_sessions_and_providers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="request",
            name="request_state",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="request_closed_at",
        ),
        migrations.AlterField(
            model_name="request",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Waiting for a decision"),
                    ("changes", "Changes asked for"),
                    ("granted", "Approved"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                    ("lapsed", "Lapsed"),
                ],
                default="open",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["open", "changes", "granted", "rejected", "withdrawn", "expired", "lapsed"],
                    )
                ),
                name="request_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("state__in", ["expired", "granted", "lapsed", "rejected", "withdrawn"]),
                    ),
                    models.Q(("closed_at__isnull", True), ("state__in", ["changes", "open"])),
                    _connector="OR",
                ),
                name="request_closed_at",
            ),
        ),
    ]
