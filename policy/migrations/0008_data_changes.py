import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_user_of_tenant"),
        ("policy", "0007_simulations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DataChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("object", models.CharField(blank=True, max_length=40, verbose_name="which")),
                ("before", models.JSONField(null=True, verbose_name="before")),
                ("after", models.JSONField(null=True, verbose_name="after")),
                ("reason", models.TextField(verbose_name="reason")),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked")),
                ("request", models.UUIDField(null=True, verbose_name="request")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("in_review", "Waiting for approval"),
                            ("applied", "In effect"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("failed", "Came to nothing"),
                        ],
                        default="in_review",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of policy data",
                "verbose_name_plural": "changes of policy data",
                "ordering": ["-asked_at", "-id"],
                "indexes": [models.Index(fields=["tenant", "-asked_at"], name="policy_data_change_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["in_review", "applied", "refused", "withdrawn", "failed"])
                        ),
                        name="policy_data_change_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state__in", ["applied", "failed", "refused", "withdrawn"]),
                            ),
                            models.Q(("closed_at__isnull", True), ("state__in", ["in_review"])),
                            _connector="OR",
                        ),
                        name="policy_data_change_closed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "in_review")),
                        fields=("tenant", "kind", "object"),
                        name="policy_data_change_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ThresholdSet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "protected_level",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="Values of this level and above are masked, whether they are personal or not.",
                        verbose_name="protected from level",
                    ),
                ),
                (
                    "high_level",
                    models.PositiveSmallIntegerField(
                        default=4,
                        help_text="An app with such values needs the manager and security.",
                        verbose_name="high from level",
                    ),
                ),
                (
                    "credential_level",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Values of this level and above are hidden from everybody.",
                        verbose_name="never shown again from level",
                    ),
                ),
                (
                    "longest_exception_days",
                    models.PositiveSmallIntegerField(
                        default=180,
                        help_text="Those that are in force already keep their end.",
                        verbose_name="longest exception (days)",
                    ),
                ),
                (
                    "sensitive_minutes",
                    models.PositiveSmallIntegerField(
                        default=15,
                        help_text="No older than this may the second factor be for an operation that asks for one.",
                        verbose_name="sign-in for sensitive operations (minutes)",
                    ),
                ),
                (
                    "smallest_group",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Of data with protected fields, smaller groups are not shown by themselves.",
                        verbose_name="smallest group on dashboards",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "thresholds",
                "verbose_name_plural": "thresholds",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant",), name="policy_thresholds_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("protected_level__lte", models.F("high_level")),
                            ("high_level__lte", models.F("credential_level")),
                        ),
                        name="policy_thresholds_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("protected_level__gte", 1), ("protected_level__lte", 5)),
                        name="policy_thresholds_protected_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("high_level__gte", 1), ("high_level__lte", 5)),
                        name="policy_thresholds_high_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("credential_level__gte", 1), ("credential_level__lte", 5)),
                        name="policy_thresholds_credential_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("longest_exception_days__gte", 1), ("longest_exception_days__lte", 366)
                        ),
                        name="policy_thresholds_longest_exception_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sensitive_minutes__gte", 1), ("sensitive_minutes__lte", 60)),
                        name="policy_thresholds_sensitive_minutes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("smallest_group__gte", 2), ("smallest_group__lte", 1000)),
                        name="policy_thresholds_smallest_group",
                    ),
                ],
            },
        ),
        Wall("policy_datachange"),
        Wall("policy_thresholdset"),
    ]
