import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0005_risk"),
        ("policy", "0001_decisions"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("is_enabled", models.BooleanField(default=True, verbose_name="enabled")),
                ("actions", models.JSONField(blank=True, default=list, verbose_name="actions")),
                ("apps", models.JSONField(blank=True, default=list, verbose_name="apps")),
                (
                    "classifications",
                    models.JSONField(blank=True, default=list, verbose_name="classifications"),
                ),
                (
                    "min_level",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(5)],
                        verbose_name="from this level of data on",
                    ),
                ),
                ("personal", models.BooleanField(default=False, verbose_name="personal data")),
                ("raw_only", models.BooleanField(default=False, verbose_name="only for values in clear")),
                ("second_factor", models.BooleanField(default=False, verbose_name="second factor")),
                (
                    "acr",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="authentication contexts (acr)"
                    ),
                ),
                (
                    "amr",
                    models.CharField(blank=True, max_length=200, verbose_name="authentication methods (amr)"),
                ),
                (
                    "max_age_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10080),
                        ],
                        verbose_name="minutes since the sign-in",
                    ),
                ),
                ("device", models.BooleanField(default=False, verbose_name="compliant device")),
                ("networks", models.JSONField(blank=True, default=list, verbose_name="networks")),
                (
                    "max_risk",
                    models.CharField(
                        blank=True,
                        choices=[("low", "low"), ("medium", "medium")],
                        max_length=10,
                        verbose_name="highest risk",
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        choices=[("step_up", "ask for a new sign-in"), ("deny", "refuse")],
                        default="step_up",
                        max_length=10,
                        verbose_name="when the sign-in does not do",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
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
                "verbose_name": "access rule",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "name"), name="policy_access_rule_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="Network",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("blocks", models.JSONField(default=list, verbose_name="address blocks")),
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
                "verbose_name": "network",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "name"), name="policy_network_name")
                ],
            },
        ),
        Wall("policy_accessrule"),
        Wall("policy_network"),
    ]
