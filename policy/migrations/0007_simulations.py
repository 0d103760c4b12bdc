import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_user_of_tenant"),
        ("policy", "0006_rules_life"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Simulation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(verbose_name="days")),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for a worker"),
                            ("running", "Running"),
                            ("done", "Finished"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=0, verbose_name="attempt")),
                ("seen_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="questions asked")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="questions")),
                ("rules", models.CharField(blank=True, max_length=64, verbose_name="compared to revision")),
                ("engine", models.CharField(blank=True, max_length=16, verbose_name="engine")),
                ("report", models.JSONField(null=True, verbose_name="report")),
                ("failure", models.CharField(blank=True, max_length=16, verbose_name="why it failed")),
                (
                    "asked_by",
                    models.ForeignKey(
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
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="simulations",
                        to="policy.rulesversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "simulation",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["tenant", "version", "-id"], name="policy_simulation_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ["running", "waiting"])),
                        fields=["asked_at"],
                        name="policy_simulation_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "running", "done", "failed", "cancelled"])
                        ),
                        name="policy_simulation_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__gte", 1), ("days__lte", 365)),
                        name="policy_simulation_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finished_at__isnull", False), ("state__in", ["cancelled", "done", "failed"])
                            ),
                            models.Q(("finished_at__isnull", True), ("state__in", ["running", "waiting"])),
                            _connector="OR",
                        ),
                        name="policy_simulation_finished",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("report__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("report__isnull", True)),
                            _connector="OR",
                        ),
                        name="policy_simulation_report",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["running", "waiting"])),
                        fields=("tenant", "version"),
                        name="policy_simulation_once",
                    ),
                ],
            },
        ),
        Wall("policy_simulation", sweeper=True),
    ]
