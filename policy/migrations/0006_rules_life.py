import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_user_of_tenant"),
        ("policy", "0005_overrides"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RulesInForce",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("revision", models.CharField(max_length=64, verbose_name="revision")),
                ("modules", models.JSONField(verbose_name="rules")),
                ("base", models.CharField(max_length=64, verbose_name="revision of the release")),
                ("at", models.DateTimeField(verbose_name="in force from")),
                ("version", models.UUIDField(null=True, verbose_name="version")),
            ],
            options={
                "verbose_name": "rules in force",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RulesVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("revision", models.CharField(max_length=64, verbose_name="revision")),
                ("files", models.JSONField(verbose_name="files")),
                ("base", models.CharField(max_length=64, verbose_name="revision that it changes")),
                ("message", models.TextField(verbose_name="why")),
                ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="proposed")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Being checked"),
                            ("failed", "Failed its checks"),
                            ("in_review", "Waiting for review"),
                            ("published", "Published"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="checking",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("checks", models.JSONField(default=list, verbose_name="checks")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("request", models.UUIDField(null=True, verbose_name="request")),
                ("published_at", models.DateTimeField(null=True, verbose_name="published")),
                (
                    "author",
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
            ],
            options={
                "verbose_name": "version of the rules",
                "ordering": ["-number"],
                "indexes": [models.Index(fields=["tenant", "revision"], name="policy_version_revision")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["checking", "failed", "in_review", "published", "refused", "withdrawn"],
                            )
                        ),
                        name="policy_version_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("state", "published")),
                            models.Q(
                                models.Q(("state", "published"), _negated=True),
                                ("published_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="policy_version_published",
                    ),
                    models.UniqueConstraint(fields=("tenant", "number"), name="policy_version_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["checking", "in_review"])),
                        fields=("tenant", "revision"),
                        name="policy_version_open_once",
                    ),
                ],
            },
        ),
        Wall("policy_rulesversion"),
        # what was in force stays on record: added and read, never changed
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON policy_rulesinforce FROM portal_app",
            "GRANT UPDATE, DELETE ON policy_rulesinforce TO portal_app",
        ),
    ]
