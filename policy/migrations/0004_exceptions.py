import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_user_of_tenant"),
        ("policy", "0003_agents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyException",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rule", models.CharField(max_length=64, verbose_name="rule")),
                ("app", models.UUIDField(verbose_name="app")),
                ("app_title", models.CharField(max_length=120, verbose_name="app")),
                ("dataset", models.CharField(blank=True, max_length=64, verbose_name="dataset")),
                ("region", models.CharField(blank=True, max_length=32, verbose_name="region")),
                ("reason", models.TextField(verbose_name="reason")),
                ("control", models.TextField(verbose_name="what protects the data meanwhile")),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked")),
                ("decision", models.UUIDField(null=True, verbose_name="decision")),
                ("request", models.UUIDField(null=True, verbose_name="request")),
                ("expires_at", models.DateTimeField(verbose_name="until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waiting for approval"),
                            ("active", "In force"),
                            ("refused", "Refused"),
                            ("ended", "Ended early"),
                            ("expired", "Expired"),
                        ],
                        default="asked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("granted_at", models.DateTimeField(null=True, verbose_name="granted")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                ("warned_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "verbose_name": "policy exception",
                "ordering": ["-asked_at", "-id"],
                "indexes": [
                    models.Index(fields=["tenant", "-asked_at"], name="policy_exception_newest"),
                    models.Index(
                        condition=models.Q(("state", "active")),
                        fields=["expires_at"],
                        name="policy_exception_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "active", "refused", "ended", "expired"])),
                        name="policy_exception_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("granted_at__isnull", False), ("state__in", ["active", "ended", "expired"])
                            ),
                            models.Q(("granted_at__isnull", True), ("state__in", ["asked", "refused"])),
                            _connector="OR",
                        ),
                        name="policy_exception_granted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False), ("state__in", ["ended", "expired", "refused"])
                            ),
                            models.Q(("closed_at__isnull", True), ("state__in", ["active", "asked"])),
                            _connector="OR",
                        ),
                        name="policy_exception_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("asked_at"))),
                        name="policy_exception_has_an_end",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["active", "asked"])),
                        fields=("tenant", "rule", "app", "dataset", "region"),
                        name="policy_exception_once",
                    ),
                ],
            },
        ),
        Wall("policy_policyexception", sweeper=True),
    ]
